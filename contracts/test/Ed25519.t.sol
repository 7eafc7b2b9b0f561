// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ed25519} from "../src/libraries/Ed25519.sol";
import {Sha512} from "../src/libraries/Sha512.sol";
import {Test} from "./Vm.sol";

contract Ed25519Test is Test {
    /// The order of the base point
    uint256 private constant ORDER =
        7237005577332262213973186563042994240857116359379907606001950938285454250989;

    /// FIPS 180-4's examples, and lengths around a block (by OpenSSL)
    function test_sha512_ofKnownMessages() public pure {
        expectHash(
            "",
            0xcf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce,
            0x47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e
        );
        expectHash(
            "abc",
            0xddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a,
            0x2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f
        );
        expectHash(
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            0x8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018,
            0x501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909
        );
        expectHash(
            letters(111),
            0xfa9121c7b32b9e01733d034cfc78cbf67f926c7ed83e82200ef8681819692176,
            0x0b4beff48404df811b953828274461673c68d04e297b0eb7b2b4d60fc6b566a2
        );
        expectHash(
            letters(112),
            0xc01d080efd492776a1c43bd23dd99d0a2e626d481e16782e75d54c2503b5dc32,
            0xbd05f0f1ba33e568b88fd2d970929b719ecbb152f58f130a407c8830604b70ca
        );
        expectHash(
            letters(127),
            0x828613968b501dc00a97e08c73b118aa8876c26b8aac93df128502ab360f91ba,
            0xb50a51e088769a5c1eff4782ace147dce3642554199876374291f5d921629502
        );
        expectHash(
            letters(128),
            0xb73d1929aa615934e61a871596b3f3b33359f42b8175602e89f7e06e5f658a24,
            0x3667807ed300314b95cacdd579f3e33abdfbe351909519a846d465c59582f321
        );
        expectHash(
            letters(129),
            0x4f681e0bd53cda4b5a2041cc8a06f2eabde44fb16c951fbd5b87702f07aeab61,
            0x1565b19c47fde30587177ebb852e3971bbd8d3fd30da18d71037dfbd98420429
        );
        expectHash(
            letters(239),
            0x52c853cb8d907f3d4d6b889beb027985d7c273486d75f8baf26f80d24e90c74c,
            0x6c3de3e22131582380a7d14d43f2941a31385439cd6ddc469f628015e50bf286
        );
        expectHash(
            letters(240),
            0x4c296d90c61052a62ffb1dd196f1b7b09373b1f93e71836baebf89690546b759,
            0x5684dbe9467a8e484fa0d1094272b4344a7c24f5fee8daedeb0bf549c985ab5f
        );
    }

    /// RFC 8032, 7.1, tests 1 to 3
    function test_verify_vectorsOfTheRfc() public view {
        expectValid(
            "",
            0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,
            0xe5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155,
            0x5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b
        );
        expectValid(
            hex"72",
            0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,
            0x92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da,
            0x085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
        );
        expectValid(
            hex"af82",
            0xfc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,
            0x6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac,
            0x18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a
        );
    }

    /// See test/vectors/ed25519-wycheproof.json for where they are from.
    function test_verify_vectorsOfWycheproof() public view {
        string memory json = vm.readFile("test/vectors/ed25519-wycheproof.json");
        bytes32[] memory keys = vm.parseJsonBytes32Array(json, ".keys");
        bytes[] memory messages = vm.parseJsonBytesArray(json, ".messages");
        bytes32[] memory rs = vm.parseJsonBytes32Array(json, ".rs");
        bytes32[] memory ss = vm.parseJsonBytes32Array(json, ".ss");
        bool[] memory valid = vm.parseJsonBoolArray(json, ".valid");
        vm.assertEq(valid.length, 139);
        for (uint256 i = 0; i < valid.length; i++) {
            vm.assertEq(Ed25519.verify(messages[i], keys[i], rs[i], ss[i]), valid[i]);
        }
    }

    /// One bit of anything changed
    function testFuzz_verify_refusesWhatWasChanged(uint8 what, uint8 bit) public view {
        bytes32 flip = bytes32(uint256(1) << bit);
        bytes32 key = 0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c;
        bytes32 r = 0x92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da;
        bytes32 s = 0x085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00;
        bytes memory message = hex"72";
        if (what % 4 == 0) key ^= flip;
        if (what % 4 == 1) r ^= flip;
        if (what % 4 == 2) s ^= flip;
        if (what % 4 == 3) message = abi.encodePacked(message, bit);
        vm.assertFalse(Ed25519.verify(message, key, r, s));
    }

    /// The neutral point as key and R, with s = 0, satisfies the equation for every message.
    function test_verify_refusesPointsOfSmallOrder() public view {
        bytes32 neutral = bytes32(uint256(1) << 248);
        vm.assertFalse(Ed25519.verify("any", neutral, neutral, 0));
        // Of order 2: y = -1, and of order 4: y = 0
        bytes32 second = 0xecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f;
        vm.assertFalse(Ed25519.verify("any", second, neutral, 0));
        vm.assertFalse(Ed25519.verify("any", 0, neutral, 0));
        // The neutral point, not canonical: y = p + 1
        bytes32 other = 0xeeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f;
        vm.assertFalse(Ed25519.verify("any", other, neutral, 0));
    }

    /// s + order satisfies the equation too.
    function test_verify_refusesAnotherFormOfTheSameSignature() public view {
        uint256 s = reversed(0x5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b);
        vm.assertFalse(
            Ed25519.verify(
                "",
                0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,
                0xe5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155,
                bytes32(reversed(s + ORDER))
            )
        );
    }

    function expectHash(bytes memory message, uint256 high, uint256 low) private pure {
        (uint256 first, uint256 second) = Sha512.hash(message);
        vm.assertEq(first, high);
        vm.assertEq(second, low);
    }

    function letters(uint256 count) private pure returns (bytes memory text) {
        text = new bytes(count);
        for (uint256 i = 0; i < count; i++) {
            text[i] = "a";
        }
    }

    function expectValid(bytes memory message, bytes32 key, bytes32 r, bytes32 s) private view {
        vm.assertTrue(Ed25519.verify(message, key, r, s));
    }

    function reversed(uint256 word) private pure returns (uint256 x) {
        for (uint256 i = 0; i < 32; i++) {
            x = (x << 8) | ((word >> (8 * i)) & 0xff);
        }
    }
}
