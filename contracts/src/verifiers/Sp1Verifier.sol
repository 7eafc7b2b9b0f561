// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProgramVerifier} from "../interfaces/IProgramVerifier.sol";
import {Groth16} from "./Groth16.sol";
import {Groth16Key, Groth16VerifyingKey} from "./Groth16Key.sol";

/// @title Verifier of SP1's Groth16 proofs, of one version of SP1
/// @notice Two layouts, told apart by the number of public inputs that the key takes:
/// - v4, v5: selector, A, B, C; inputs are the program's key hash and the digest of its public values;
/// - v6: selector, exit code, root of SP1's verification keys, nonce, A, B, C; inputs are those two, then these three.
/// The selector is the first 4 bytes of the hash by which SP1 names the version's verification key.
contract Sp1Verifier is IProgramVerifier {
    uint256 private constant SELECTOR_BYTES = 4;
    uint256 private constant HEADER_BYTES = 3 * 32;
    /// SP1 clears the digest's upper three bits, so that it is a BN254 scalar.
    bytes32 private constant DIGEST_MASK = bytes32(type(uint256).max >> 3);

    /// @notice What this version's proofs begin with
    bytes4 public immutable selector;
    /// @notice Root of the verification keys of this version's recursion; zero before v6
    bytes32 public immutable vkRoot;
    /// @notice Where the verification key is
    Groth16Key public immutable key;
    bool private immutable _hasHeader;

    /// @notice A key of SP1 takes 2 public inputs (v4, v5) or 5 (v6).
    error UnsupportedKey(uint256 publicInputs);
    /// @notice A root of verification keys belongs to v6, and only there.
    error UnexpectedVkRoot(bytes32 vkRoot);

    /// @dev Reverts with {UnsupportedKey}, {UnexpectedVkRoot}, or the errors of {Groth16Key}.
    constructor(Groth16VerifyingKey memory key_, bytes4 selector_, bytes32 vkRoot_) {
        key = new Groth16Key(key_);
        uint256 count = Groth16.inputCount(key);
        if (count != 2 && count != 5) revert UnsupportedKey(count);
        _hasHeader = count == 5;
        if (_hasHeader == (vkRoot_ == 0)) revert UnexpectedVkRoot(vkRoot_);
        selector = selector_;
        vkRoot = vkRoot_;
    }

    /// @inheritdoc IProgramVerifier
    function verifyProgram(bytes32 programId, bytes calldata publicValues, bytes calldata proof)
        external
        view
        returns (bool)
    {
        uint256 header = SELECTOR_BYTES + (_hasHeader ? HEADER_BYTES : 0);
        if (proof.length != header + Groth16.PROOF_BYTES || bytes4(proof[:4]) != selector) return false;

        bytes32[] memory inputs = new bytes32[](_hasHeader ? 5 : 2);
        inputs[0] = programId;
        inputs[1] = sha256(publicValues) & DIGEST_MASK;
        if (_hasHeader) {
            (bytes32 exitCode, bytes32 root, bytes32 nonce) =
                abi.decode(proof[SELECTOR_BYTES:header], (bytes32, bytes32, bytes32));
            // The proof would show that the program failed, or be made by a recursion that is not SP1's.
            if (exitCode != 0 || root != vkRoot) return false;
            inputs[3] = root;
            inputs[4] = nonce;
        }
        return Groth16.verify(key, proof[header:], inputs);
    }
}
