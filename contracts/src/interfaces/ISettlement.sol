// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICommitments} from "./ICommitments.sol";
import {IOperatorRegistry} from "./IOperatorRegistry.sol";
import {IProofRounds} from "./IProofRounds.sol";
import {IProofVerifier} from "./IProofVerifier.sol";
import {IRewards} from "./IRewards.sol";
import {IRoundWindows} from "./IRoundWindows.sol";
import {ISequences} from "./ISequences.sol";

/// @title Settlement of one rollup
/// @notice The sequencer submits sequences of batches with the state root it claims for them; operators prove
/// them in two steps, first the hash of the proof, then the proof. A verified proof makes the claimed root the
/// verified one.
interface ISettlement is ISequences, IRoundWindows, IRewards, ICommitments, IProofRounds {
    /// @notice What the contract begins with. The administrator may change windows and rewards, for later rounds and
    /// later sequences; the rest is fixed for the life of the contract.
    struct Config {
        /// Number of the rollup; part of what `configHash` binds
        uint256 rollupId;
        /// State root before the first batch
        bytes32 genesisStateRoot;
        /// Hash of the rollup's configuration, a public input of every proof
        bytes32 configHash;
        /// Root over the verifying keys that a proof may rest on, a public input of every proof
        bytes32 keySetRoot;
        /// Verifier of the final proof
        IProofVerifier verifier;
        /// Gas that the verifier may use: a proof that takes more counts as wrong. At most 12,000,000
        uint32 verifierGas;
        /// The only account that may submit sequences
        address sequencer;
        /// Sets windows and rewards
        address admin;
        /// Who may commit proofs, and their stake
        IOperatorRegistry operators;
        WindowLengths windows;
        RewardPolicy rewards;
        Penalties penalties;
    }

    /// @notice `field` of the configuration cannot work: an account without code, zero, too much, or not a BN254
    /// scalar.
    error InvalidConfig(string field);
}
