// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BlobSequences} from "./BlobSequences.sol";
import {ProofPolicy} from "./ProofPolicy.sol";
import {ProofRounds} from "./ProofRounds.sol";
import {Rewards} from "./Rewards.sol";
import {Sequences} from "./Sequences.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";

/// @title Settlement of one rollup
/// @notice See {ISettlement} for the rules.
contract Settlement is ISettlement, BlobSequences, ProofRounds, Rewards {
    constructor(Config memory config)
        Sequences(config.rollupId, config.configHash, config.keySetRoot, config.sequencer, config.manager)
        BlobSequences(config.allowsBlobs)
        ProofPolicy(config.policy)
        ProofRounds(config.verifier, config.operators, config.commitWindow, config.revealWindow)
        Rewards(config.rewardWei)
    {
        if (address(config.verifier).code.length == 0) revert InvalidConfig("verifier");
        if (address(config.operators).code.length == 0) revert InvalidConfig("operators");
        if (config.sequencer == address(0)) revert InvalidConfig("sequencer");
        if (config.revealWindow == 0) revert InvalidConfig("revealWindow");
        if (config.manager == address(0)) revert InvalidConfig("manager");
        if (!_isValid(config.policy)) revert InvalidConfig("policy");
    }

    /// @inheritdoc ISettlement
    function initialise(bytes32 genesisStateRoot) external onlyManager {
        _beginWith(genesisStateRoot);
    }

    /// The prover of a sequence earns a fixed amount.
    function _reward() internal override returns (uint256 earnedWei) {
        rewardsOf[msg.sender] += rewardWei;
        return rewardWei;
    }
}
