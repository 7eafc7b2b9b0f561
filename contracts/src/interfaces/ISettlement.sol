// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBlobSequences} from "./IBlobSequences.sol";
import {IOperatorRegistry} from "./IOperatorRegistry.sol";
import {IPausing} from "./IPausing.sol";
import {IProofPolicy} from "./IProofPolicy.sol";
import {IProofRounds} from "./IProofRounds.sol";
import {IProofVerifier} from "./IProofVerifier.sol";
import {IRewards} from "./IRewards.sol";
import {ISequences} from "./ISequences.sol";

/// @title Settlement of one rollup
/// @notice The sequencer submits sequences of batches with the state root it claims for them; operators prove
/// them in two steps, first the hash of the proof, then the proof. A verified proof makes the claimed root the
/// verified one.
/// @dev A settlement is used through a proxy. What is in {Config} is part of the code of its implementation, so that
/// it costs nothing to read; another configuration is another implementation. What changes is in the proxy's storage.
interface ISettlement is IPausing, ISequences, IBlobSequences, IProofPolicy, IProofRounds, IRewards {
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
        /// Which proofs count, and how many it takes
        Policy policy;
        /// Who pauses, upgrades and resolves: the manager of rollups
        address manager;
        /// Whether data may be in blobs
        bool allowsBlobs;
        /// The only account that may submit sequences
        address sequencer;
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

    /// @notice Sets the state before the first batch, once; for the manager, as the proxy is made.
    /// @dev Reverts with {NotManager}, {AlreadyInitialised} or {NotFieldElement}.
    /// @param genesisStateRoot State root before the first batch
    function initialise(bytes32 genesisStateRoot) external;
}
