// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Poseidon2Constants} from "./Poseidon2Constants.sol";

/// @title Poseidon2 over BN254 with a state of four, as the circuits have it
library Poseidon2 {
    /// The order of the scalar field of BN254
    uint256 internal constant MODULUS =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @notice What {hash3} needs in memory, to be loaded once for many hashes
    function constants() internal pure returns (bytes memory) {
        return Poseidon2Constants.ROUNDS;
    }

    /// @notice Hash of three fields: the first of the state after one permutation of them and their number, 3 * 2^64
    /// @param table See {constants}
    function hash3(bytes memory table, uint256 a, uint256 b, uint256 c) internal pure returns (uint256) {
        return permute(table, a, b, c, 3 << 64);
    }

    /// @notice An inner node of the state tree over its four children
    function compress(bytes memory table, uint256[4] memory children) internal pure returns (uint256) {
        uint256 first = permute(table, children[0], children[1], children[2], children[3]);
        return addmod(first, children[0], MODULUS);
    }

    /// @notice The first of the state after one permutation
    /// @dev Each of the fields has to be below {MODULUS}. Sums of up to five values below the modulus fit in 256 bits:
    /// only what is larger is reduced.
    /// @param table See {constants}
    // One permutation is one piece; its rounds are loops already.
    // solhint-disable-next-line function-max-lines
    function permute(bytes memory table, uint256 a, uint256 b, uint256 c, uint256 d)
        internal
        pure
        returns (uint256 x)
    {
        uint256 d0 = Poseidon2Constants.DIAGONAL_0;
        uint256 d1 = Poseidon2Constants.DIAGONAL_1;
        uint256 d2 = Poseidon2Constants.DIAGONAL_2;
        uint256 d3 = Poseidon2Constants.DIAGONAL_3;
        assembly ("memory-safe") {
            function power5(value) -> result {
                let p := MODULUS
                let square := mulmod(value, value, p)
                result := mulmod(mulmod(square, square, p), value, p)
            }
            // The matrix of full rounds, on values below the modulus
            function mix(x0, x1, x2, x3) -> y0, y1, y2, y3 {
                let p := MODULUS
                let s := add(x0, x1)
                let t := add(x2, x3)
                y3 := add(add(x1, x1), t)
                y1 := add(add(x3, x3), s)
                let u := addmod(mulmod(t, 4, p), y1, p)
                let v := addmod(mulmod(s, 4, p), y3, p)
                y0 := addmod(y1, v, p)
                y2 := addmod(y3, u, p)
                y1 := v
                y3 := u
            }
            function full(at, x0, x1, x2, x3) -> y0, y1, y2, y3 {
                y0, y1, y2, y3 :=
                    mix(
                    power5(add(x0, mload(at))),
                    power5(add(x1, mload(add(at, 0x20)))),
                    power5(add(x2, mload(add(at, 0x40)))),
                    power5(add(x3, mload(add(at, 0x60))))
                )
            }

            let at := add(table, 0x20)
            // The parameters hold the rest of the state from here on.
            x, a, b, c := mix(a, b, c, d)
            for { let end := add(at, 0x200) } lt(at, end) { at := add(at, 0x80) } {
                x, a, b, c := full(at, x, a, b, c)
            }
            for { let end := add(at, 0x700) } lt(at, end) { at := add(at, 0x20) } {
                // Written out: most of the rounds are these, and a call costs half as much again.
                x := add(x, mload(at))
                let sum := mulmod(x, x, MODULUS)
                x := mulmod(mulmod(sum, sum, MODULUS), x, MODULUS)
                sum := add(add(x, a), add(b, c))
                x := addmod(mulmod(x, d0, MODULUS), sum, MODULUS)
                a := addmod(mulmod(a, d1, MODULUS), sum, MODULUS)
                b := addmod(mulmod(b, d2, MODULUS), sum, MODULUS)
                c := addmod(mulmod(c, d3, MODULUS), sum, MODULUS)
            }
            for { let end := add(at, 0x200) } lt(at, end) { at := add(at, 0x80) } {
                x, a, b, c := full(at, x, a, b, c)
            }
        }
    }
}
