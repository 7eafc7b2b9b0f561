// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A verification key of Groth16 over BN254. Points are affine; those of G2 are x1, x0, y1, y0, imaginary part
/// first, as the precompiles take them.
/// @dev `ic` has one point more than there are public inputs: ic[0] + sum of input[i] * ic[i + 1].
struct Groth16VerifyingKey {
    uint256[2] alpha;
    uint256[4] beta;
    uint256[4] gamma;
    uint256[4] delta;
    uint256[2][] ic;
}

/// @title A contract that is a verification key
/// @notice Its code is data: a stop, then the words that {Groth16} puts behind a proof to get the input of the pairing
/// precompile (-delta, alpha, -beta, ic[0], -gamma), then ic[1], ic[2] and so on. Reading it costs one copy of code
/// instead of a storage slot for every word. Code has room for about 370 public inputs.
contract Groth16Key {
    /// The modulus of BN254's coordinates
    uint256 private constant P =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;
    address private constant EC_MUL = address(7);
    address private constant PAIRING = address(8);

    /// @notice A point of the key is not on its curve, not in its subgroup, not reduced, or infinity.
    error InvalidPoint(string name, uint256 index);
    /// @notice gamma and delta are equal, as a setup leaves them to which nobody contributed: anybody could forge proofs.
    error NoContribution();
    /// @notice `ic` is empty.
    error NoPoints();

    /// @dev Everything is checked here, once, so that verifying has only the proof to doubt.
    constructor(Groth16VerifyingKey memory key) {
        if (key.ic.length == 0) revert NoPoints();
        _requireG1("alpha", 0, key.alpha);
        _requireG2("beta", key.beta);
        _requireG2("gamma", key.gamma);
        _requireG2("delta", key.delta);
        if (keccak256(abi.encode(key.gamma)) == keccak256(abi.encode(key.delta))) revert NoContribution();

        bytes memory code = abi.encodePacked(
            hex"00", _negate(key.delta), key.alpha, _negate(key.beta), key.ic[0], _negate(key.gamma)
        );
        for (uint256 i = 0; i < key.ic.length; i++) {
            _requireG1("ic", i, key.ic[i]);
            if (i != 0) code = abi.encodePacked(code, key.ic[i]);
        }
        assembly ("memory-safe") {
            return(add(code, 0x20), mload(code))
        }
    }

    function _requireG1(string memory name, uint256 index, uint256[2] memory point) private view {
        (bool valid,) = EC_MUL.staticcall(abi.encode(point, 1));
        if (!valid || (point[0] | point[1]) == 0) revert InvalidPoint(name, index);
    }

    /// The pairing precompile, unlike that for multiplication, takes points of G2, and checks their subgroup too.
    function _requireG2(string memory name, uint256[4] memory point) private view {
        uint256[2] memory infinity;
        (bool valid,) = PAIRING.staticcall(abi.encode(infinity, point));
        if (!valid || (point[0] | point[1] | point[2] | point[3]) == 0) revert InvalidPoint(name, 0);
    }

    function _negate(uint256[4] memory point) private pure returns (uint256[4] memory) {
        return [point[0], point[1], (P - point[2]) % P, (P - point[3]) % P];
    }
}
