// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";

/// @notice A verifier that does whatever a test wants it to
contract HostileVerifier is IProofVerifier {
    enum Behaviour {
        Reverts,
        BurnsGas,
        ReturnsMuch,
        RevertsWithMuch,
        ReturnsTwo,
        ReturnsLittle,
        ReturnsNothing,
        ReturnsTrueAndMore
    }

    Behaviour public behaviour;

    function set(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    function verify(bytes calldata, bytes32[] calldata) external view returns (bool) {
        Behaviour b = behaviour;
        if (b == Behaviour.Reverts) revert("no");
        if (b == Behaviour.BurnsGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        // As many bytes as the gas of a verifier pays for, about; a copy would cost the caller as much again.
        uint256 size = 500_000;
        assembly {
            switch b
            case 2 { return(0, size) }
            case 3 { revert(0, size) }
            case 4 {
                mstore(0, 2)
                return(0, 32)
            }
            case 5 {
                mstore(0, shl(8, 1))
                return(0, 31)
            }
            case 6 { return(0, 0) }
        }
        assembly {
            mstore(0, 1)
            return(0, 96)
        }
    }
}

/// @notice Says yes after having used up a given amount of gas
contract SlowVerifier is IProofVerifier {
    uint256 private immutable gasNeeded;

    constructor(uint256 gasNeeded_) {
        gasNeeded = gasNeeded_;
    }

    function verify(bytes calldata, bytes32[] calldata) external view returns (bool) {
        uint256 end = gasleft() - gasNeeded;
        while (gasleft() > end) {}
        return true;
    }
}
