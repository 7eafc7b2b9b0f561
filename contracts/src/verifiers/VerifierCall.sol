// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../interfaces/IProofVerifier.sol";

/// @title A call of a verifier that is not trusted
/// @notice Whatever the verifier does, its caller goes on, with one bit that says whether the proof counts.
library VerifierCall {
    /// What the call itself costs before the verifier gets its gas: a cold account, and some steps.
    uint256 private constant CALL_OVERHEAD = 5_000;

    /// @notice The gas left is not enough to give the verifier its share (both in gas).
    error NotEnoughGas(uint256 left, uint256 needed);

    /// @notice Whether `verifier` accepts a proof. False when it reverts, runs out of gas, has no code, or answers anything
    /// but the one word true.
    /// @dev Reverts with {NotEnoughGas} rather than to give the verifier less than `gasLimit`: whoever sends a transaction
    /// chooses its gas, and must not be able to make a right proof look wrong. Of the answer one word is read, so
    /// a long one costs the caller nothing.
    /// @param gasLimit What the verifier gets (in gas), and may burn. A router in between keeps a 64th of it
    function verifies(
        IProofVerifier verifier,
        uint256 gasLimit,
        bytes calldata proof,
        bytes32[] memory publicInputs
    ) internal view returns (bool valid) {
        bytes memory data = abi.encodeCall(IProofVerifier.verify, (proof, publicInputs));
        // A call passes on at most 63 of 64 parts of the gas left (EIP-150).
        uint256 needed = gasLimit + gasLimit / 63 + CALL_OVERHEAD;
        if (gasleft() < needed) revert NotEnoughGas(gasleft(), needed);
        // (bool success, bytes memory answer) = address(verifier).staticcall{gas: gasLimit}(data), with at most
        // 32 bytes of the answer copied; valid = success && answer.length >= 32 && uint256(bytes32(answer)) == 1.
        assembly ("memory-safe") {
            let success := staticcall(gasLimit, verifier, add(data, 0x20), mload(data), 0x00, 0x20)
            valid := and(and(success, gt(returndatasize(), 0x1f)), eq(mload(0x00), 1))
        }
    }
}
