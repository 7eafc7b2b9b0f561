// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A bridge of whoever asks, which takes every batch
contract MockBridge {
    function consume(bytes[] calldata) external {}

    function settlement() external view returns (address) {
        return msg.sender;
    }
}
