// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "./Administered.sol";
import {BlobSequences} from "./BlobSequences.sol";
import {Commitments} from "./Commitments.sol";
import {ProofPolicy} from "./ProofPolicy.sol";
import {ProofRounds} from "./ProofRounds.sol";
import {Sequences} from "./Sequences.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";

/// @title Settlement of one rollup
/// @notice See {ISettlement} for the rules.
contract Settlement is ISettlement, BlobSequences, ProofRounds {
    /// Leaves room for the rest of a reveal in a transaction (EIP-7825 allows 2^24 gas)
    uint32 private constant MOST_VERIFIER_GAS = 12_000_000;

    constructor(Config memory config)
        Sequences(
            config.rollupId,
            config.configHash,
            config.keySetRoot,
            config.sequencer,
            config.manager,
            config.bridge
        )
        Administered(config.admin)
        BlobSequences(config.allowsBlobs)
        Commitments(config.operators, config.penalties)
        ProofPolicy(config.policy)
        ProofRounds(config.verifier, config.verifierGas)
    {
        if (address(config.verifier).code.length == 0) {
            revert InvalidConfig("verifier");
        }
        if (config.verifierGas == 0 || config.verifierGas > MOST_VERIFIER_GAS) {
            revert InvalidConfig("verifierGas");
        }
        if (address(config.operators).code.length == 0) revert InvalidConfig("operators");
        if (config.sequencer == address(0)) revert InvalidConfig("sequencer");
        if (config.admin == address(0)) revert InvalidConfig("admin");
        if (config.manager == address(0)) revert InvalidConfig("manager");
        if (!_isValid(config.policy)) revert InvalidConfig("policy");
        // Every operator can commit, and none can have withdrawn its stake while a commitment binds it.
        if (config.operators.minimumStake() < lockWei) revert InvalidConfig("penalties");
        if (config.operators.unbondingBlocks() <= LONGEST_COMMITMENT) revert InvalidConfig("operators");
        // Nobody sees which deposits the data in a blob has.
        if (config.allowsBlobs && address(config.bridge) != address(0)) revert InvalidConfig("allowsBlobs");
    }

    /// @inheritdoc ISettlement
    function initialise(Genesis calldata genesis) external onlyManager {
        // Another one's bridge would take this rollup's deposits for the other's, and pay none of its exits.
        if (address(bridge) != address(0) && address(bridge.settlement()) != address(this)) {
            revert InvalidConfig("bridge");
        }
        _beginWith(genesis.stateRoot);
        _setWindows(genesis.windows);
        _setRewardPolicy(genesis.rewards);
    }
}
