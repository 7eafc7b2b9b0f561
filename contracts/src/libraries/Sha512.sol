// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title SHA-512 (FIPS 180-4)
library Sha512 {
    /// The first 64 bits of the fractional parts of the cube roots of the first 80 primes
    bytes private constant ROUNDS = hex"428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc3956c25bf348b538"
        hex"59f111f1b605d019923f82a4af194f9bab1c5ed5da6d8118d807aa98a303024212835b0145706fbe"
        hex"243185be4ee4b28c550c7dc3d5ffb4e272be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235"
        hex"c19bf174cf692694e49b69c19ef14ad2efbe4786384f25e30fc19dc68b8cd5b5240ca1cc77ac9c65"
        hex"2de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5983e5152ee66dfab"
        hex"a831c66d2db43210b00327c898fb213fbf597fc7beef0ee4c6e00bf33da88fc2d5a79147930aa725"
        hex"06ca6351e003826f142929670a0e6e7027b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed"
        hex"53380d139d95b3df650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353b"
        hex"a2bfe8a14cf10364a81a664bbc423001c24b8b70d0f89791c76c51a30654be30d192e819d6ef5218"
        hex"d69906245565a910f40e35855771202a106aa07032bbd1b819a4c116b8d2d0c81e376c085141ab53"
        hex"2748774cdf8eeb9934b0bcb5e19b48a8391c0cb3c5c95a634ed8aa4ae3418acb5b9cca4f7763e373"
        hex"682e6ff3d6b2b8a3748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec"
        hex"90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532bca273eceea26619c"
        hex"d186b8c721c0c207eada7dd6cde0eb1ef57d4f7fee6ed17806f067aa72176fba0a637dc5a2c898a6"
        hex"113f9804bef90dae1b710b35131c471b28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc"
        hex"431d67c49c100d4c4cc5d4becb3e42b6597f299cfc657e2a5fcb6fab3ad6faec6c44198c4a475817";

    /// @return high The first 32 bytes of the hash
    /// @return low The other 32 bytes
    // One hash is one piece, and mostly its loops.
    // solhint-disable-next-line function-max-lines
    function hash(bytes memory message) internal pure returns (uint256 high, uint256 low) {
        bytes memory padded = _pad(message);
        bytes memory rounds = ROUNDS;
        assembly ("memory-safe") {
            let mask := 0xffffffffffffffff
            // A word twice, so that what a rotation takes from the one end is at the other
            function twice(x) -> y {
                y := or(x, shl(64, x))
            }
            // The word of 8 bytes at an address
            function word(at) -> x {
                x := shr(192, mload(at))
            }

            // Free memory: the schedule (80 words), the state between blocks, and behind it room for the state to move down by a
            // place in each round
            let schedule := mload(0x40)
            let state := add(schedule, 0xb00)
            let top := add(state, 0xb00)
            mstore(state, 0x6a09e667f3bcc908)
            mstore(add(state, 0x20), 0xbb67ae8584caa73b)
            mstore(add(state, 0x40), 0x3c6ef372fe94f82b)
            mstore(add(state, 0x60), 0xa54ff53a5f1d36f1)
            mstore(add(state, 0x80), 0x510e527fade682d1)
            mstore(add(state, 0xa0), 0x9b05688c2b3e6c1f)
            mstore(add(state, 0xc0), 0x1f83d9abfb41bd6b)
            mstore(add(state, 0xe0), 0x5be0cd19137e2179)

            let blockEnd := add(add(padded, 0x20), mload(padded))
            for { let at := add(padded, 0x20) } lt(at, blockEnd) { at := add(at, 0x80) } {
                for { let i := 0 } lt(i, 16) { i := add(i, 1) } {
                    mstore(add(schedule, shl(5, i)), word(add(at, shl(3, i))))
                }
                for { let i := add(schedule, 0x200) } lt(i, add(schedule, 0xa00)) { i := add(i, 0x20) } {
                    let x := mload(sub(i, 0x1e0))
                    let y := twice(x)
                    let sum := xor(xor(shr(1, y), shr(8, y)), shr(7, x))
                    x := mload(sub(i, 0x40))
                    y := twice(x)
                    sum := add(and(sum, mask), and(xor(xor(shr(19, y), shr(61, y)), shr(6, x)), mask))
                    mstore(i, and(add(sum, add(mload(sub(i, 0x200)), mload(sub(i, 0xe0)))), mask))
                }
                // a to h stand one behind the other; a round writes the new a in front of them, and e in the place of d.
                let p := top
                for { let i := 0 } lt(i, 8) { i := add(i, 1) } {
                    mstore(add(p, shl(5, i)), mload(add(state, shl(5, i))))
                }
                for { let i := 0 } lt(i, 80) { i := add(i, 1) } {
                    let x := mload(add(p, 0x80))
                    let y := twice(x)
                    let t := and(xor(xor(shr(14, y), shr(18, y)), shr(41, y)), mask)
                    y := mload(add(p, 0xc0))
                    // (e and f) xor (not e and g)
                    t := add(t, xor(y, and(x, xor(mload(add(p, 0xa0)), y))))
                    t := add(t, mload(add(p, 0xe0)))
                    t := add(t, mload(add(schedule, shl(5, i))))
                    t := add(t, word(add(add(rounds, 0x20), shl(3, i))))
                    mstore(add(p, 0x60), and(add(mload(add(p, 0x60)), t), mask))
                    x := mload(p)
                    y := twice(x)
                    t := add(t, and(xor(xor(shr(28, y), shr(34, y)), shr(39, y)), mask))
                    y := mload(add(p, 0x20))
                    let z := mload(add(p, 0x40))
                    // The majority of a, b and c
                    t := add(t, or(and(x, y), and(z, or(x, y))))
                    p := sub(p, 0x20)
                    mstore(p, and(t, mask))
                }
                for { let i := 0 } lt(i, 0x100) { i := add(i, 0x20) } {
                    mstore(add(state, i), and(add(mload(add(state, i)), mload(add(p, i))), mask))
                }
            }
            for { let i := 0 } lt(i, 0x80) { i := add(i, 0x20) } {
                high := or(shl(64, high), mload(add(state, i)))
                low := or(shl(64, low), mload(add(add(state, 0x80), i)))
            }
        }
    }

    /// The message, a bit, zeros, and the number of bits, in whole blocks of 128 bytes
    function _pad(bytes memory message) private pure returns (bytes memory) {
        uint256 zeros = 127 - ((message.length + 16) % 128);
        return abi.encodePacked(message, bytes1(0x80), new bytes(zeros), uint128(message.length * 8));
    }
}
