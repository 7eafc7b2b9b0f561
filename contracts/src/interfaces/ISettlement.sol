// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBlobSequences} from "./IBlobSequences.sol";
import {IBridge} from "./IBridge.sol";
import {ICommitments} from "./ICommitments.sol";
import {IOperatorRegistry} from "./IOperatorRegistry.sol";
import {IPausing} from "./IPausing.sol";
import {IProofPolicy} from "./IProofPolicy.sol";
import {IProofRounds} from "./IProofRounds.sol";
import {IProofVerifier} from "./IProofVerifier.sol";
import {IRewards} from "./IRewards.sol";
import {IRoundWindows} from "./IRoundWindows.sol";
import {ISequences} from "./ISequences.sol";

/// @title Settlement of one rollup
/// @notice The sequencer submits sequences of batches with the state root it claims for them; operators prove
/// them in two steps, first the hash of the proof, then the proof. A verified proof makes the claimed root the
/// verified one.
/// @dev A settlement is used through a proxy. {Config} is part of the code of its implementation, so that it costs
/// next to nothing to read; another configuration is another implementation. All else is in the proxy's storage.
interface ISettlement is
    IPausing,
    ISequences,
    IBlobSequences,
    IRoundWindows,
    IRewards,
    ICommitments,
    IProofPolicy,
    IProofRounds
{
    /// @notice What is fixed for the life of an implementation
    struct Config {
        /// Number of the rollup; part of what `configHash` binds
        uint256 rollupId;
        /// Hash of the rollup's configuration, a public input of every proof
        bytes32 configHash;
        /// Root over the verifying keys that a proof may rest on, a public input of every proof
        bytes32 keySetRoot;
        /// Verifier of the final proof, or a router of verifiers
        IProofVerifier verifier;
        /// Gas that the verifier may use: a proof that takes more counts as wrong. At most 12,000,000
        uint32 verifierGas;
        /// The only account that may submit sequences
        address sequencer;
        /// Where the rollup's ether is, made for the proxy; 0 for none, which it has to be where data may be in blobs
        IBridge bridge;
        /// Sets windows and rewards
        address admin;
        /// Who may commit proofs, and their stake
        IOperatorRegistry operators;
        Penalties penalties;
        /// Which proofs count, and how many it takes
        Policy policy;
        /// Pauses, upgrades, resolves disagreements: the manager of rollups
        address manager;
        /// Whether data may be in blobs, too
        bool allowsBlobs;
    }

    /// @notice What a rollup begins with. The administrator may change windows and rewards, for later rounds and later
    /// sequences.
    struct Genesis {
        /// State root before the first batch
        bytes32 stateRoot;
        WindowLengths windows;
        RewardPolicy rewards;
    }

    /// @notice `field` of the configuration cannot work: an account without code, zero, too much, or not a BN254
    /// scalar.
    error InvalidConfig(string field);

    /// @notice Begins the rollup, once; for the manager, as the proxy is made.
    /// @dev Reverts with {NotManager}, {AlreadyInitialised}, {NotFieldElement} or {WindowOutOfBounds}.
    function initialise(Genesis calldata genesis) external;
}
