// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBridge} from "./IBridge.sol";
import {IOperatorRegistry} from "./IOperatorRegistry.sol";
import {IProofRounds} from "./IProofRounds.sol";
import {IProofVerifier} from "./IProofVerifier.sol";
import {IRewards} from "./IRewards.sol";
import {ISequences} from "./ISequences.sol";

/// @title Settlement of one rollup
/// @notice The sequencer submits sequences of batches with the state root it claims for them; operators prove
/// them in two steps, first the hash of the proof, then the proof. A verified proof makes the claimed root the
/// verified one.
interface ISettlement is ISequences, IProofRounds, IRewards {
    /// @notice What is fixed for the life of the contract
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
        /// The only account that may submit sequences
        address sequencer;
        /// Where the rollup's ether is, made for this contract; 0 for none
        IBridge bridge;
        /// Who may commit proofs
        IOperatorRegistry operators;
        /// T1: blocks after the opening block in which commitments are still taken
        uint32 commitWindow;
        /// T2: blocks after the commit window in which proofs are taken; at least 1
        uint32 revealWindow;
        /// What the prover of a sequence earns (in wei)
        uint256 rewardWei;
    }

    /// @notice `field` of the configuration cannot work: an account without code, zero, or not a BN254 scalar.
    error InvalidConfig(string field);
}
