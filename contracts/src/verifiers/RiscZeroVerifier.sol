// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProgramVerifier} from "../interfaces/IProgramVerifier.sol";
import {Groth16} from "./Groth16.sol";
import {Groth16Key, Groth16VerifyingKey} from "./Groth16Key.sol";

/// @title Verifier of RISC Zero's Groth16 seals, of one version of its zkVM
/// @notice A seal is selector, A, B, C. Accepted is what RISC Zero's `ReceiptClaim::ok` describes: the program halted with
/// exit code 0, the claim has no input and depends on no assumptions.
contract RiscZeroVerifier is IProgramVerifier {
    uint256 private constant SELECTOR_BYTES = 4;
    uint256 private constant PUBLIC_INPUTS = 5;

    /// @notice What this version's seals begin with: the first 4 bytes of the digest of its verifier parameters
    bytes4 public immutable selector;
    /// @notice Root of the recursion programs that this version may use
    bytes32 public immutable controlRoot;
    /// @notice The recursion program that ends in BN254, as a scalar: the bytes of the control id reversed
    bytes32 public immutable bn254ControlId;
    /// @notice Where the verification key is
    Groth16Key public immutable key;

    bytes32 private immutable _outputTag = sha256("risc0.Output");
    bytes32 private immutable _claimTag = sha256("risc0.ReceiptClaim");
    /// The system's state after a program that halted: nothing is left of it.
    bytes32 private immutable _haltedState =
        sha256(abi.encodePacked(sha256("risc0.SystemState"), bytes32(0), uint32(0), hex"0100"));

    /// @notice A key of RISC Zero takes 5 public inputs.
    error UnsupportedKey(uint256 publicInputs);

    /// @dev Reverts with {UnsupportedKey}, or the errors of {Groth16Key}.
    constructor(
        Groth16VerifyingKey memory key_,
        bytes4 selector_,
        bytes32 controlRoot_,
        bytes32 bn254ControlId_
    ) {
        key = new Groth16Key(key_);
        uint256 count = Groth16.inputCount(key);
        if (count != PUBLIC_INPUTS) revert UnsupportedKey(count);
        selector = selector_;
        controlRoot = controlRoot_;
        bn254ControlId = bn254ControlId_;
    }

    /// @inheritdoc IProgramVerifier
    function verifyProgram(bytes32 programId, bytes calldata publicValues, bytes calldata proof)
        external
        view
        returns (bool)
    {
        if (proof.length != SELECTOR_BYTES + Groth16.PROOF_BYTES || bytes4(proof[:4]) != selector) {
            return false;
        }
        bytes32[] memory inputs = new bytes32[](PUBLIC_INPUTS);
        (inputs[0], inputs[1]) = _split(controlRoot);
        (inputs[2], inputs[3]) = _split(_claimDigest(programId, sha256(publicValues)));
        inputs[4] = bn254ControlId;
        return Groth16.verify(key, proof[SELECTOR_BYTES:], inputs);
    }

    /// RISC Zero hashes a structure as its tag, the digests in it, its numbers (little-endian), and how many digests there were.
    function _claimDigest(bytes32 imageId, bytes32 journalDigest) private view returns (bytes32) {
        bytes32 noAssumptions = 0;
        bytes32 noInput = 0;
        bytes32 output = sha256(abi.encodePacked(_outputTag, journalDigest, noAssumptions, hex"0200"));
        uint64 halted = 0; // system and user exit code, 32 bits each
        return sha256(abi.encodePacked(_claimTag, noInput, imageId, _haltedState, output, halted, hex"0400"));
    }

    /// The halves of a digest as scalars: a digest is a little-endian number there, its lower half comes first.
    function _split(bytes32 digest) private pure returns (bytes32 low, bytes32 high) {
        uint256 number = _reverse(uint256(digest));
        return (bytes32(number & type(uint128).max), bytes32(number >> 128));
    }

    /// The bytes of a word in reverse order: neighbours change places, then pairs, and so on.
    function _reverse(uint256 word) private pure returns (uint256) {
        uint256 mask = type(uint256).max / 0x101; // 0x00ff00ff...
        word = ((word >> 8) & mask) | ((word & mask) << 8);
        mask = type(uint256).max / 0x10001; // 0x0000ffff0000ffff...
        word = ((word >> 16) & mask) | ((word & mask) << 16);
        mask = type(uint256).max / 0x100000001;
        word = ((word >> 32) & mask) | ((word & mask) << 32);
        mask = type(uint256).max / 0x10000000000000001;
        word = ((word >> 64) & mask) | ((word & mask) << 64);
        return (word >> 128) | (word << 128);
    }
}
