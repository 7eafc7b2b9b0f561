// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bn254, G1Point, G2Point} from "../../src/libraries/Bn254.sol";

/// @title Keys and signatures, for tests
/// @notice The second group has no precompile for sums, so points are added by their formulas.
library Bls {
    uint256 private constant P = Bn254.P;

    /// A key in both groups
    struct Keys {
        uint256 secret;
        G1Point key1;
        G2Point key2;
    }

    function keys(uint256 secret) internal view returns (Keys memory) {
        return Keys(secret, Bn254.mul(G1Point(1, 2), secret), mul2(generator(), secret));
    }

    function sign(uint256 secret, bytes32 digest) internal view returns (G1Point memory) {
        return Bn254.mul(Bn254.hashToG1(digest), secret);
    }

    function generator() internal pure returns (G2Point memory) {
        return G2Point(
            [
                11559732032986387107991004021392285783925812861821192530917403151452391805634,
                10857046999023057135944570762232829481370756359578518086990519993285655852781
            ],
            [
                4082367875863433681332203403145435568316851327593401208105741076214120093531,
                8495653923123431417604973247489272438418190587263600148770280649306958101930
            ]
        );
    }

    function mul2(G2Point memory point, uint256 k) internal view returns (G2Point memory product) {
        for (uint256 bit = 1 << 253; bit != 0; bit >>= 1) {
            product = add2(product, product);
            if (k & bit != 0) product = add2(product, point);
        }
    }

    function add2(G2Point memory a, G2Point memory b) internal view returns (G2Point memory) {
        if (_isZero(a)) return b;
        if (_isZero(b)) return a;
        uint256[2] memory slope;
        if (a.x[0] == b.x[0] && a.x[1] == b.x[1]) {
            if (a.y[0] != b.y[0] || a.y[1] != b.y[1]) return G2Point([uint256(0), 0], [uint256(0), 0]);
            uint256[2] memory square = _times(a.x, a.x);
            slope = _times(_plus(square, _plus(square, square)), _inverse(_plus(a.y, a.y)));
        } else {
            slope = _times(_minus(b.y, a.y), _inverse(_minus(b.x, a.x)));
        }
        uint256[2] memory x = _minus(_minus(_times(slope, slope), a.x), b.x);
        return G2Point(x, _minus(_times(slope, _minus(a.x, x)), a.y));
    }

    function _isZero(G2Point memory a) private pure returns (bool) {
        return a.x[0] | a.x[1] | a.y[0] | a.y[1] == 0;
    }

    // Numbers are (imaginary, real), with i^2 = -1.

    function _plus(uint256[2] memory a, uint256[2] memory b) private pure returns (uint256[2] memory) {
        return [addmod(a[0], b[0], P), addmod(a[1], b[1], P)];
    }

    function _minus(uint256[2] memory a, uint256[2] memory b) private pure returns (uint256[2] memory) {
        return [addmod(a[0], P - b[0], P), addmod(a[1], P - b[1], P)];
    }

    function _times(uint256[2] memory a, uint256[2] memory b) private pure returns (uint256[2] memory) {
        return [
            addmod(mulmod(a[0], b[1], P), mulmod(a[1], b[0], P), P),
            addmod(mulmod(a[1], b[1], P), P - mulmod(a[0], b[0], P), P)
        ];
    }

    function _inverse(uint256[2] memory a) private view returns (uint256[2] memory) {
        uint256 norm = addmod(mulmod(a[0], a[0], P), mulmod(a[1], a[1], P), P);
        uint256[6] memory input = [uint256(32), 32, 32, norm, P - 2, P];
        uint256 inverse;
        assembly ("memory-safe") {
            if iszero(staticcall(gas(), 5, input, 0xc0, 0x00, 0x20)) { revert(0, 0) }
            inverse := mload(0x00)
        }
        return [mulmod(P - a[0], inverse, P), mulmod(a[1], inverse, P)];
    }
}
