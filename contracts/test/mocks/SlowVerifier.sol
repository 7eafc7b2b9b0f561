// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";

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
