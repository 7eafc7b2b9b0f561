// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBridge} from "../../src/interfaces/IBridge.sol";
import {ISequences} from "../../src/interfaces/ISequences.sol";

/// @notice A settlement whose sequences and verified state are what tests say
contract MockForcedSettlement {
    ISequences.State private _state;
    mapping(uint64 sequence => uint64) private _blocks;
    uint256 public rewards;

    function fundRewards() external payable {
        rewards += msg.value;
    }

    function take(IBridge bridge, bytes[] calldata batches) external {
        bridge.consume(batches);
        _blocks[++_state.lastSequence] = uint64(block.number);
    }

    function verify(bytes32 root) external {
        _state.verifiedSequence++;
        _state.verifiedStateRoot = root;
    }

    function begin(bytes32 root) external {
        _state.verifiedStateRoot = root;
    }

    function state() external view returns (ISequences.State memory) {
        return _state;
    }

    function sequenceOf(uint64 number) external view returns (ISequences.Sequence memory sequence) {
        sequence.blockNumber = _blocks[number];
    }
}
