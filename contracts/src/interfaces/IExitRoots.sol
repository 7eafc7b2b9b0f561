// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title What a bridge asks the settlement of its rollup
interface IExitRoots {
    /// @notice Root of the exits of a verified sequence; 0 without any, and before it is verified
    function exitRootOf(uint64 sequenceNumber) external view returns (bytes32);
    function sequencer() external view returns (address);
}
