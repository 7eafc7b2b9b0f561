// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "./interfaces/IProofVerifier.sol";

/// @title A call of a verifier that need not be trusted to behave
/// @notice A verifier that reverts, uses up its gas, or answers with anything but one true word says no; how much
/// gas it may use and how much of its answer is copied is bounded. A caller who brings too little gas for that
/// gets an error, never a no: otherwise anybody could make a good proof look wrong.
library VerifierCall {
    /// What the call itself costs at most: a cold account, and what is done between the check and the call
    uint256 private constant CALL_GAS = 5_000;

    /// @notice The transaction has `available` gas left, the verifier has to be given at least `required`.
    error InsufficientGas(uint256 available, uint256 required);

    /// @notice Asks the verifier.
    /// @dev Reverts with {InsufficientGas}, and for no other reason.
    /// @param gasLimit What the verifier may use
    /// @return valid Whether it answered with true
    function verify(
        IProofVerifier verifier,
        uint256 gasLimit,
        bytes calldata proof,
        bytes32[] memory publicInputs
    ) internal view returns (bool valid) {
        bytes memory input = abi.encodeCall(IProofVerifier.verify, (proof, publicInputs));
        // A call is given at most 63/64 of what is left (EIP-150).
        uint256 required = gasLimit + gasLimit / 63 + 1 + CALL_GAS;
        if (gasleft() < required) revert InsufficientGas(gasleft(), required);
        assembly ("memory-safe") {
            // The answer goes to scratch space, and no more of it than one word.
            let done := staticcall(gasLimit, verifier, add(input, 32), mload(input), 0, 32)
            valid := and(and(done, gt(returndatasize(), 31)), eq(mload(0), 1))
        }
    }
}
