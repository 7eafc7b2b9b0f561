// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Groth16VerifyingKey} from "../../src/verifiers/Groth16Key.sol";

/// @notice Makes keys whose secrets are known, and with them proofs of any inputs: beta, gamma and B are the generator
/// of G2, delta is twice that, so that a proof is any C, with A = alpha + ic[0] + sum of inputs[i] * ic[i + 1] + 2 * C.
library Groth16Forge {
    uint256 internal constant P =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;
    uint256 internal constant R =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;

    function generator() internal pure returns (uint256[4] memory) {
        return [
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
        ];
    }

    function twiceGenerator() internal pure returns (uint256[4] memory) {
        return [
            0x203e205db4f19b37b60121b83a7333706db86431c6d835849957ed8c3928ad79,
            0x27dc7234fd11d3e8c36c59277c3e6f149d5cd3cfa9a62aee49f8130962b4b3b9,
            0x195e8aa5b7827463722b8c153931579d3505566b4edf48d498e185f0509de152,
            0x04bb53b8977e5f92a0bc372742c4830944a59b4fe6b1c0466e2a6dad122b5d2e
        ];
    }

    /// A key for `count` public inputs. The secrets behind its points are small numbers that follow from `seed`.
    function key(uint256 seed, uint256 count) internal view returns (Groth16VerifyingKey memory made) {
        made.alpha = point(secret(seed, 0));
        made.beta = generator();
        made.gamma = generator();
        made.delta = twiceGenerator();
        made.ic = new uint256[2][](count + 1);
        for (uint256 i = 0; i <= count; i++) {
            made.ic[i] = point(secret(seed, i + 1));
        }
    }

    /// A proof of these inputs for the key of that seed; `c` is any number and makes proofs differ.
    function prove(uint256 seed, bytes32[] memory inputs, uint256 c) internal view returns (bytes memory) {
        uint256 a = addmod(secret(seed, 0), secret(seed, 1), R);
        for (uint256 i = 0; i < inputs.length; i++) {
            a = addmod(a, mulmod(uint256(inputs[i]), secret(seed, i + 2), R), R);
        }
        a = addmod(a, mulmod(2, c, R), R);
        return abi.encode(point(a), generator(), point(c));
    }

    /// The multiple of G1's generator.
    function point(uint256 scalar) internal view returns (uint256[2] memory) {
        (bool success, bytes memory answer) = address(7).staticcall(abi.encode(1, 2, scalar));
        require(success, "ecMul");
        return abi.decode(answer, (uint256[2]));
    }

    function secret(uint256 seed, uint256 index) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, index))) % R;
    }
}
