// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// A point of the curve's first group; (0, 0) is the neutral element
struct G1Point {
    uint256 x;
    uint256 y;
}

/// A point of the second group. The imaginary part of each coordinate comes first, as the precompile takes it
struct G2Point {
    uint256[2] x;
    uint256[2] y;
}

/// @title BLS signatures over BN254
/// @notice Signatures and hashes are in the first group; a key is there too, so that keys can be added cheaply, and in the
/// second group, where it is verified. Hashing to the curve is EigenLayer's: the first x from the digest on with a point.
library Bn254 {
    /// Order of the field of coordinates
    uint256 internal constant P =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;
    /// Order of the groups
    uint256 internal constant R =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;

    // The generator of the second group, negated.
    uint256 private constant G2_X1 =
        11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 private constant G2_X0 =
        10857046999023057135944570762232829481370756359578518086990519993285655852781;
    uint256 private constant MINUS_G2_Y1 =
        P - 4082367875863433681332203403145435568316851327593401208105741076214120093531;
    uint256 private constant MINUS_G2_Y0 =
        P - 8495653923123431417604973247489272438418190587263600148770280649306958101930;

    /// @notice The bytes are no point of the curve, or there is not enough gas.
    error NotOnCurve();

    /// @notice a + b
    /// @dev Reverts with {NotOnCurve}.
    function add(G1Point memory a, G1Point memory b) internal view returns (G1Point memory sum) {
        bool success;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mcopy(input, a, 0x40)
            mcopy(add(input, 0x40), b, 0x40)
            success := staticcall(gas(), 6, input, 0x80, sum, 0x40)
        }
        if (!success) revert NotOnCurve();
    }

    /// @notice k a
    /// @dev Reverts with {NotOnCurve}.
    function mul(G1Point memory a, uint256 k) internal view returns (G1Point memory product) {
        bool success;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mcopy(input, a, 0x40)
            mstore(add(input, 0x40), k)
            success := staticcall(gas(), 7, input, 0x60, product, 0x40)
        }
        if (!success) revert NotOnCurve();
    }

    /// @notice -a
    function negate(G1Point memory a) internal pure returns (G1Point memory) {
        return G1Point(a.x, a.y == 0 ? 0 : P - a.y % P);
    }

    /// @notice The point that a digest is signed as: x is the digest modulo P, or the first one behind it that is a
    /// coordinate of a point, y is (x^3 + 3)^((P + 1) / 4)
    function hashToG1(bytes32 digest) internal view returns (G1Point memory point) {
        uint256 x = uint256(digest) % P;
        while (true) {
            uint256 square = addmod(mulmod(mulmod(x, x, P), x, P), 3, P);
            uint256 y = _power(square, (P + 1) / 4);
            if (mulmod(y, y, P) == square) return G1Point(x, y);
            x = addmod(x, 1, P);
        }
    }

    /// @notice Whether `signature` is one of `digest` by the key that is `key1` in the first group and `key2` in the second.
    /// @dev One product of pairings says both that the key is the same in both groups and that it signed: the second
    /// equation is added `gamma` times, a hash of everything. False for the neutral key, which signs anything.
    function isSigned(bytes32 digest, G1Point memory key1, G2Point memory key2, G1Point memory signature)
        internal
        view
        returns (bool valid)
    {
        if (key1.x == 0 && key1.y == 0) return false;
        uint256 gamma = uint256(keccak256(abi.encode(digest, key1, key2, signature))) % R;
        G1Point memory left = add(signature, mul(key1, gamma));
        G1Point memory right = add(hashToG1(digest), mul(G1Point(1, 2), gamma));
        // e(left, -G2) e(right, key2) = 1
        uint256[12] memory pairs = [
            left.x,
            left.y,
            G2_X1,
            G2_X0,
            MINUS_G2_Y1,
            MINUS_G2_Y0,
            right.x,
            right.y,
            key2.x[0],
            key2.x[1],
            key2.y[0],
            key2.y[1]
        ];
        assembly ("memory-safe") {
            valid := staticcall(gas(), 8, pairs, 0x180, 0x00, 0x20)
            valid := and(valid, eq(mload(0x00), 1))
        }
    }

    function _power(uint256 base, uint256 exponent) private view returns (uint256 result) {
        uint256[6] memory input = [uint256(32), 32, 32, base, exponent, P];
        assembly ("memory-safe") {
            // With enough gas this precompile does not fail; with less the result is 0, and the caller runs out too.
            if iszero(staticcall(gas(), 5, input, 0xc0, 0x00, 0x20)) { revert(0, 0) }
            result := mload(0x00)
        }
    }
}
