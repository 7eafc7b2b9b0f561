// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";

/// @notice A verifier that answers with bytes of its deployer's choice, by return or by revert, or burns all its gas
contract HostileVerifier is IProofVerifier {
    enum Behaviour {
        Return,
        Revert,
        Burn
    }

    Behaviour private immutable _behaviour;
    uint256 private immutable _word;
    uint256 private immutable _length;

    /// @param word First word of the answer
    /// @param length Length of the answer (in bytes); what is behind the word is zero
    constructor(Behaviour behaviour, uint256 word, uint256 length) {
        _behaviour = behaviour;
        _word = word;
        _length = length;
    }

    function verify(bytes calldata, bytes32[] calldata) external view returns (bool) {
        (Behaviour behaviour, uint256 word, uint256 length) = (_behaviour, _word, _length);
        assembly {
            mstore(0, word)
            mstore(0x20, 0)
            switch behaviour
            case 0 { return(0, length) }
            case 1 { revert(0, length) }
            default { invalid() }
        }
    }
}
