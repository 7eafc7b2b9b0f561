// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Sha512} from "./Sha512.sol";

/// @title Ed25519 signatures (RFC 8032), by rules at least as strict as Solana's
/// @notice A signature holds if `[s]B = R + [k]A` without the cofactor, where s is below the order of the group, A and R are
/// encoded canonically, and neither is of small order. Solana (ed25519-dalek's `verify_strict`) takes some encodings of R
/// and A that are not canonical; everything that holds here holds there.
library Ed25519 {
    /// 2^255 - 19
    uint256 private constant P = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed;
    /// -121665/121666, of the curve -x^2 + y^2 = 1 + d x^2 y^2
    uint256 private constant D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3;
    uint256 private constant TWICE_D = 0x2406d9dc56dffce7198e80f2eef3d13000e0149a8283b156ebd69b9426b2f159;
    uint256 private constant ROOT_OF_MINUS_ONE =
        0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0;
    uint256 private constant BASE_X = 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a;
    uint256 private constant BASE_Y = 0x6666666666666666666666666666666666666666666666666666666666666658;
    /// Of the base point, and 2^256 modulo it
    uint256 private constant ORDER =
        7237005577332262213973186563042994240857116359379907606001950938285454250989;
    uint256 private constant CARRY =
        7237005577332262213973186563042994240413239274941949949428319933631315875101;
    /// Bytes of a point in the table of {_combine}
    uint256 private constant ENTRY = 0x80;

    /// A point in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z; all below {P}
    struct Point {
        uint256 x;
        uint256 y;
        uint256 z;
        uint256 t;
    }

    /// @notice Whether the signature (r, s) of the message by the public key holds; each of the three as its 32 bytes
    function verify(bytes memory message, bytes32 publicKey, bytes32 r, bytes32 s)
        internal
        view
        returns (bool)
    {
        uint256 scalar = _reversed(uint256(s));
        if (scalar >= ORDER) return false;
        (Point memory key, bool isPoint) = _decode(publicKey);
        if (!isPoint || _isSmall(key)) return false;

        (uint256 high, uint256 low) = Sha512.hash(abi.encodePacked(r, publicKey, message));
        // The hash as a little-endian number: its second half counts more.
        uint256 k = addmod(_reversed(high), mulmod(_reversed(low), CARRY, ORDER), ORDER);
        Point memory expected = _combine(scalar, k, _negated(key));
        // As encodings are compared, an R that is not canonical is none, and no R has to be decoded.
        return !_isSmall(expected) && _encode(expected) == r;
    }

    /// `[a]B + [b]C`, two bits of both scalars at a time, from the highest on
    function _combine(uint256 a, uint256 b, Point memory c) private pure returns (Point memory sum) {
        uint256 table = _table(c);
        assembly ("memory-safe") {
            function double(x, y, z) -> x3, y3, z3, t3 {
                let p := P
                let xx := mulmod(x, x, p)
                let yy := mulmod(y, y, p)
                let e := mulmod(x, add(y, y), p)
                let g := addmod(yy, sub(p, xx), p)
                let h := sub(p, addmod(xx, yy, p))
                z3 := mulmod(z, z, p)
                let f := addmod(g, sub(p, addmod(z3, z3, p)), p)
                x3 := mulmod(e, f, p)
                y3 := mulmod(g, h, p)
                z3 := mulmod(f, g, p)
                t3 := mulmod(e, h, p)
            }
            // With an entry of the table: y - x, y + x, 2dt, 2z. Names of the result stand for the products on the way.
            function plus(x, y, z, t, at) -> x3, y3, z3, t3 {
                let p := P
                x3 := mulmod(add(y, sub(p, x)), mload(at), p)
                y3 := mulmod(add(y, x), mload(add(at, 0x20)), p)
                t3 := mulmod(t, mload(add(at, 0x40)), p)
                z3 := mulmod(z, mload(add(at, 0x60)), p)
                let e := add(y3, sub(p, x3))
                let h := add(y3, x3)
                let f := add(z3, sub(p, t3))
                let g := add(z3, t3)
                x3 := mulmod(e, f, p)
                y3 := mulmod(g, h, p)
                z3 := mulmod(f, g, p)
                t3 := mulmod(e, h, p)
            }

            let x := 0
            let y := 1
            let z := 1
            let t := 0
            // Scalars have 253 bits.
            for { let shift := 254 } lt(shift, 256) { shift := sub(shift, 2) } {
                x, y, z, t := double(x, y, z)
                x, y, z, t := double(x, y, z)
                let pair := or(and(shr(shift, a), 3), shl(2, and(shr(shift, b), 3)))
                if pair { x, y, z, t := plus(x, y, z, t, add(table, mul(pair, ENTRY))) }
            }
            mstore(sum, x)
            mstore(add(sum, 0x20), y)
            mstore(add(sum, 0x40), z)
            mstore(add(sum, 0x60), t)
        }
    }

    /// Entry i + 4j is `[i]B + [j]C`; the first is not used. Returns where the table is in memory.
    function _table(Point memory c) private pure returns (uint256 table) {
        Point[16] memory points;
        points[0].y = 1;
        points[0].z = 1;
        points[1] = Point({x: BASE_X, y: BASE_Y, z: 1, t: mulmod(BASE_X, BASE_Y, P)});
        points[4] = c;
        for (uint256 i = 2; i < 4; i++) {
            points[i] = _sum(points[i - 1], points[1]);
            points[4 * i] = _sum(points[4 * i - 4], c);
        }
        for (uint256 j = 4; j < 16; j += 4) {
            for (uint256 i = 1; i < 4; i++) {
                points[i + j] = _sum(points[i], points[j]);
            }
        }
        uint256[64] memory entries;
        for (uint256 i = 1; i < 16; i++) {
            Point memory point = points[i];
            entries[4 * i] = addmod(point.y, P - point.x, P);
            entries[4 * i + 1] = addmod(point.y, point.x, P);
            entries[4 * i + 2] = mulmod(TWICE_D, point.t, P);
            entries[4 * i + 3] = addmod(point.z, point.z, P);
        }
        assembly ("memory-safe") {
            table := entries
        }
    }

    /// Complete: also of equal points, and with the neutral one
    function _sum(Point memory left, Point memory right) private pure returns (Point memory) {
        uint256 a = mulmod(addmod(left.y, P - left.x, P), addmod(right.y, P - right.x, P), P);
        uint256 b = mulmod(addmod(left.y, left.x, P), addmod(right.y, right.x, P), P);
        uint256 c = mulmod(mulmod(left.t, TWICE_D, P), right.t, P);
        uint256 d = mulmod(addmod(left.z, left.z, P), right.z, P);
        return _product(addmod(b, P - a, P), addmod(d, P - c, P), addmod(d, c, P), addmod(b, a, P));
    }

    function _product(uint256 e, uint256 f, uint256 g, uint256 h) private pure returns (Point memory) {
        return Point({x: mulmod(e, f, P), y: mulmod(g, h, P), z: mulmod(f, g, P), t: mulmod(e, h, P)});
    }

    function _negated(Point memory point) private pure returns (Point memory) {
        return Point({x: addmod(0, P - point.x, P), y: point.y, z: point.z, t: addmod(0, P - point.t, P)});
    }

    /// Whether eight times the point is the neutral one
    function _isSmall(Point memory point) private pure returns (bool) {
        Point memory multiple = point;
        for (uint256 i = 0; i < 3; i++) {
            multiple = _sum(multiple, multiple);
        }
        return multiple.x == 0 && multiple.y == multiple.z;
    }

    /// A point from its y and the lowest bit of its x; false for what is no canonical encoding of one
    function _decode(bytes32 encoded) private view returns (Point memory point, bool isPoint) {
        uint256 number = _reversed(uint256(encoded));
        uint256 sign = number >> 255;
        uint256 y = number & (type(uint256).max >> 1);
        if (y >= P) return (point, false);
        uint256 yy = mulmod(y, y, P);
        // x^2 = u / v; v is never 0, as -1/d is no square.
        uint256 u = addmod(yy, P - 1, P);
        uint256 v = addmod(mulmod(D, yy, P), 1, P);
        uint256 xx = mulmod(u, _power(v, P - 2), P);
        uint256 x = _power(xx, (P + 3) / 8);
        if (mulmod(x, x, P) != xx) {
            x = mulmod(x, ROOT_OF_MINUS_ONE, P);
            if (mulmod(x, x, P) != xx) return (point, false);
        }
        if (x == 0 && sign == 1) return (point, false);
        if (x & 1 != sign) x = P - x;
        return (Point({x: x, y: y, z: 1, t: mulmod(x, y, P)}), true);
    }

    function _encode(Point memory point) private view returns (bytes32) {
        uint256 inverse = _power(point.z, P - 2);
        uint256 x = mulmod(point.x, inverse, P);
        uint256 y = mulmod(point.y, inverse, P);
        return bytes32(_reversed(y | (x << 255)));
    }

    /// By the precompile for modular exponentiation
    function _power(uint256 base, uint256 exponent) private view returns (uint256) {
        (bool done, bytes memory result) =
            address(5).staticcall(abi.encode(uint256(32), uint256(32), uint256(32), base, exponent, P));
        assert(done && result.length == 32);
        return abi.decode(result, (uint256));
    }

    /// The bytes of a word in the other order
    function _reversed(uint256 word) private pure returns (uint256 x) {
        x = word;
        uint256 mask = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
        x = ((x >> 8) & mask) | ((x & mask) << 8);
        mask = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
        x = ((x >> 16) & mask) | ((x & mask) << 16);
        mask = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
        x = ((x >> 32) & mask) | ((x & mask) << 32);
        mask = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
        x = ((x >> 64) & mask) | ((x & mask) << 64);
        x = (x >> 128) | (x << 128);
    }
}
