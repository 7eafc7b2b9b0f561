// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IUpgradeable} from "../interfaces/IUpgradeable.sol";

/// @title The address of a settlement, in front of its implementation
/// @notice ERC-1967. Only the contract that created it, the manager, may upgrade it. The implementation has no
/// part in that, so that a faulty one can be replaced.
/// @dev The proxy has no storage of its own but the slot of ERC-1967, which no layout of Solidity reaches.
contract SettlementProxy {
    /// keccak256("eip1967.proxy.implementation") - 1
    bytes32 private constant IMPLEMENTATION_SLOT =
        0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    address private immutable MANAGER;

    /// @param implementation The first implementation
    /// @param initialisation What it is called with once, in the name of this contract's creator
    constructor(address implementation, bytes memory initialisation) {
        MANAGER = msg.sender;
        _upgrade(implementation, initialisation);
    }

    receive() external payable {
        _delegate();
    }

    fallback() external payable {
        if (msg.sender == MANAGER && msg.sig == IUpgradeable.upgradeTo.selector) {
            (address implementation, bytes memory migration) = abi.decode(msg.data[4:], (address, bytes));
            _upgrade(implementation, migration);
        } else {
            _delegate();
        }
    }

    function _upgrade(address implementation, bytes memory call) private {
        if (implementation.code.length == 0) revert IUpgradeable.NoImplementation(implementation);
        assembly ("memory-safe") {
            sstore(IMPLEMENTATION_SLOT, implementation)
        }
        emit IUpgradeable.Upgraded(implementation);
        if (call.length == 0) return;
        (bool done, bytes memory answer) = implementation.delegatecall(call);
        if (!done) _revertWith(answer);
    }

    /// Answers the caller with what the implementation answers, in the storage of this contract.
    function _delegate() private {
        // Memory of Solidity is not used any more: the call ends in here.
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), sload(IMPLEMENTATION_SLOT), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }

    function _revertWith(bytes memory reason) private pure {
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}
