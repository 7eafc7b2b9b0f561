// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ProofRounds} from "./ProofRounds.sol";
import {Rewards} from "./Rewards.sol";
import {Sequences} from "./Sequences.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";

/// @title Settlement of one rollup
/// @notice See {ISettlement} for the rules.
contract Settlement is ISettlement, ProofRounds, Rewards {
    constructor(Config memory config)
        Sequences(
            config.rollupId,
            config.genesisStateRoot,
            config.configHash,
            config.keySetRoot,
            config.sequencer,
            config.bridge
        )
        ProofRounds(config.verifier, config.operators, config.commitWindow, config.revealWindow)
        Rewards(config.rewardWei)
    {
        if (address(config.verifier).code.length == 0) revert InvalidConfig("verifier");
        if (address(config.operators).code.length == 0) revert InvalidConfig("operators");
        if (config.sequencer == address(0)) revert InvalidConfig("sequencer");
        if (config.revealWindow == 0) revert InvalidConfig("revealWindow");
        // Another one's bridge would take this rollup's deposits for the other's, and pay none of its exits.
        if (address(config.bridge) != address(0) && address(config.bridge.settlement()) != address(this)) {
            revert InvalidConfig("bridge");
        }
    }

    /// The prover of a sequence earns a fixed amount.
    function _reward() internal override returns (uint256 earnedWei) {
        rewardsOf[msg.sender] += rewardWei;
        return rewardWei;
    }
}
