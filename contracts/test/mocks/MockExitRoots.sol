// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBridge} from "../../src/interfaces/IBridge.sol";
import {IExitRoots} from "../../src/interfaces/IExitRoots.sol";

/// @notice A settlement whose sequences are verified by a word
contract MockExitRoots is IExitRoots {
    address public immutable sequencer = msg.sender;
    mapping(uint64 sequence => bytes32) public exitRootOf;

    function verify(uint64 sequence, bytes32 exitRoot) external {
        exitRootOf[sequence] = exitRoot;
    }

    function take(IBridge bridge, bytes[] calldata batches) external {
        bridge.consume(batches);
    }
}
