// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice The cheat codes of forge that these tests use
interface Vm {
    function accesses(address account) external view returns (bytes32[] memory reads, bytes32[] memory writes);
    function assertEq(uint256 left, uint256 right) external pure;
    function assertEq(bytes32 left, bytes32 right) external pure;
    function assertEq(address left, address right) external pure;
    function assertEq(bool left, bool right) external pure;
    function assertGe(uint256 left, uint256 right) external pure;
    function assertLe(uint256 left, uint256 right) external pure;
    function assertTrue(bool condition) external pure;
    function assertFalse(bool condition) external pure;
    function blobhashes(bytes32[] calldata hashes) external;
    function chainId(uint256 id) external;
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function cool(address account) external;
    function deal(address account, uint256 balanceWei) external;
    function etch(address target, bytes calldata code) external;
    function expectCall(address callee, bytes calldata data) external;
    function expectEmit(address emitter) external;
    function expectRevert(bytes calldata data) external;
    function getCode(string calldata contractName) external view returns (bytes memory creationCode);
    function getNonce(address account) external view returns (uint64);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonBytes32Array(string calldata json, string calldata key)
        external
        pure
        returns (bytes32[] memory);
    function parseJsonBytesArray(string calldata json, string calldata key)
        external
        pure
        returns (bytes[] memory);
    function parseJsonBoolArray(string calldata json, string calldata key)
        external
        pure
        returns (bool[] memory);
    function parseJsonUintArray(string calldata json, string calldata key)
        external
        pure
        returns (uint256[] memory);
    function prank(address sender) external;
    function load(address target, bytes32 slot) external view returns (bytes32);
    function record() external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function readFile(string calldata path) external view returns (string memory);
    function roll(uint256 blockNumber) external;
    function warp(uint256 timestamp) external;
    function snapshotGasLastCall(string calldata group, string calldata name)
        external
        returns (uint256 gasUsed);
}

/// @notice What forge looks for in a test contract, and the cheat codes
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    /// Makes a contract from its creation code and the arguments of its constructor, and reverts as that does: for what is
    /// compiled in another way than tests are.
    function create(string memory contractName, bytes memory arguments) internal returns (address made) {
        bytes memory code = abi.encodePacked(vm.getCode(contractName), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
            if iszero(made) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
    }

    /// `value` brought into [low, high], spread evenly
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + value % (high - low + 1);
    }
}
