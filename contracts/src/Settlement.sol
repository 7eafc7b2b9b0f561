// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "./Administered.sol";
import {Commitments} from "./Commitments.sol";
import {ProofRounds} from "./ProofRounds.sol";
import {Rewards} from "./Rewards.sol";
import {RoundWindows} from "./RoundWindows.sol";
import {Sequences} from "./Sequences.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";

/// @title Settlement of one rollup
/// @notice See {ISettlement} for the rules.
contract Settlement is ISettlement, ProofRounds {
    /// Leaves room for the rest of a reveal in a transaction (EIP-7825 allows 2^24 gas)
    uint32 private constant MOST_VERIFIER_GAS = 12_000_000;

    constructor(Config memory config)
        Sequences(
            config.rollupId, config.genesisStateRoot, config.configHash, config.keySetRoot, config.sequencer
        )
        Administered(config.admin)
        RoundWindows(config.windows)
        Rewards(config.rewards)
        Commitments(config.operators, config.penalties)
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
        // Every operator can commit, and none can have withdrawn its stake while a commitment binds it.
        if (config.operators.minimumStake() < lockWei) revert InvalidConfig("penalties");
        if (config.operators.unbondingBlocks() <= LONGEST_COMMITMENT) revert InvalidConfig("operators");
    }
}
