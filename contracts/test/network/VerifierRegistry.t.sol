// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bn254, G1Point, G2Point} from "../../src/libraries/Bn254.sol";
import {IVerifierRegistry} from "../../src/interfaces/IVerifierRegistry.sol";
import {VerifierRegistry} from "../../src/network/VerifierRegistry.sol";
import {Bls} from "./Bls.sol";
import {NetworkFixture} from "./NetworkFixture.sol";

contract VerifierRegistryTest is NetworkFixture {
    bytes32 internal constant DIGEST = keccak256("what is signed");
    address internal constant CHALLENGER = address(0xc4a1);

    /// The tests are the service here.
    function setUp() public override {
        vm.roll(1000);
        registry = new VerifierRegistry(registryConfig(address(this)));
        vm.deal(address(this), 100 ether);
    }

    function certify(uint256 feeWei, uint32[] memory absent) internal {
        registry.certify{value: feeWei}(DIGEST, certificate(DIGEST, absent));
    }

    function expectRefused(IVerifierRegistry.Certificate memory made, bytes memory error) internal {
        vm.expectRevert(error);
        registry.certify(DIGEST, made);
    }

    function test_join_entersWithTheNextEpoch() public {
        join(0, 2 ether);
        (uint40 epoch,, uint32 count, uint96 stake, G1Point memory key) = registry.set();
        vm.assertEq(epoch + uint256(count) + stake + key.x + key.y, 0);

        registry.advance(1);
        (epoch,, count, stake, key) = registry.set();
        vm.assertEq(epoch, 1);
        vm.assertEq(count, 1);
        vm.assertEq(stake, 2 ether);
        vm.assertEq(key.x, keysOf[0].key1.x);
        vm.assertTrue(registry.wasMember(0, 1));
        vm.assertFalse(registry.wasMember(0, 0));
    }

    function test_join_revertsWithInsufficientStake() public {
        vm.deal(accountOf(0), 1 ether);
        Bls.Keys memory keys = Bls.keys(7);
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRegistry.InsufficientStake.selector, MINIMUM - 1, MINIMUM)
        );
        registry.join{value: MINIMUM - 1}(keys.key1, keys.key2, keys.key1, "");
    }

    function test_join_revertsWithAlreadyVerifier() public {
        join(0, 1 ether);
        Bls.Keys memory keys = Bls.keys(7);
        vm.deal(accountOf(0), 1 ether);
        vm.prank(accountOf(0));
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.AlreadyVerifier.selector, accountOf(0)));
        registry.join{value: 1 ether}(keys.key1, keys.key2, keys.key1, "");
    }

    function test_join_revertsWithKeyInUse() public {
        join(0, 1 ether);
        Bls.Keys memory keys = keysOf[0];
        G1Point memory shown = Bls.sign(keys.secret, registry.joinDigest(address(this)));
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.KeyInUse.selector, keys.key1.x, keys.key1.y));
        registry.join{value: 1 ether}(keys.key1, keys.key2, shown, "");
    }

    function expectNotShown(G1Point memory key1, G2Point memory key2, G1Point memory shown) internal {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.KeyNotShown.selector, address(this)));
        registry.join{value: 1 ether}(key1, key2, shown, "");
    }

    function test_join_revertsWithKeyNotShown() public {
        Bls.Keys memory keys = Bls.keys(7);
        Bls.Keys memory other = Bls.keys(8);
        G1Point memory shown = Bls.sign(7, registry.joinDigest(address(this)));
        // of another account; another key in either group; no key at all
        expectNotShown(keys.key1, keys.key2, Bls.sign(7, registry.joinDigest(accountOf(0))));
        expectNotShown(keys.key1, other.key2, shown);
        expectNotShown(other.key1, keys.key2, shown);
        G2Point memory zero;
        expectNotShown(G1Point(0, 0), zero, G1Point(0, 0));
        registry.join{value: 1 ether}(keys.key1, keys.key2, shown, "");
    }

    /// A key that cancels another one: x G - key. Nobody can sign for it alone.
    function test_join_refusesARogueKey() public {
        join(0, 1 ether);
        Bls.Keys memory own = Bls.keys(7);
        G1Point memory rogue1 = Bn254.add(own.key1, Bn254.negate(keysOf[0].key1));
        G2Point memory rogue2 = Bls.mul2(Bls.generator(), addmod(7, Bn254.R - keysOf[0].secret, Bn254.R));
        expectNotShown(rogue1, rogue2, Bls.sign(7, registry.joinDigest(address(this))));
    }

    function test_advance_revertsWithEpochNotOver() public {
        enter(1, 1 ether);
        join(1, 1 ether);
        vm.roll(block.number + EPOCH - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IVerifierRegistry.EpochNotOver.selector, block.number, uint256(block.number) + 1
            )
        );
        registry.advance(1);
    }

    function test_advance_takesChangesInTheirOrder() public {
        enter(2, 1 ether);
        join(2, 1 ether);
        vm.prank(accountOf(0));
        registry.leave();
        vm.roll(block.number + EPOCH);
        registry.advance(1);
        (uint40 epoch,, uint32 count,,) = registry.set();
        vm.assertEq(epoch, 2);
        vm.assertEq(count, 3);
        vm.roll(block.number + EPOCH);
        registry.advance(10);
        (epoch,, count,,) = registry.set();
        vm.assertEq(epoch, 3);
        vm.assertEq(count, 2);
        vm.assertTrue(registry.wasMember(0, 2));
        vm.assertFalse(registry.wasMember(0, 3));
        // Nothing waits: the epoch goes on.
        vm.roll(block.number + EPOCH);
        registry.advance(10);
        (epoch,,,,) = registry.set();
        vm.assertEq(epoch, 3);
    }

    function test_certify_sharesTheFeeByStake() public {
        join(0, 1 ether);
        join(1, 2 ether);
        enter(1, 1 ether);
        certify(4 ether, none());
        vm.assertEq(registry.claimable(accountOf(0)), 1 ether);
        vm.assertEq(registry.claimable(accountOf(1)), 2 ether);
        vm.prank(accountOf(1));
        vm.assertEq(registry.claim(), 2 ether);
        vm.assertEq(accountOf(1).balance, 2 ether);
        vm.prank(accountOf(1));
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.NothingToPay.selector, accountOf(1)));
        registry.claim();
    }

    function test_certify_givesTheAbsentNothing() public {
        enter(3, 1 ether);
        certify(2 ether, these(1));
        vm.assertEq(registry.claimable(accountOf(0)), 1 ether);
        vm.assertEq(registry.claimable(accountOf(1)), 0);
        certify(3 ether, none());
        vm.assertEq(registry.claimable(accountOf(0)), 2 ether);
        vm.assertEq(registry.claimable(accountOf(1)), 1 ether);
    }

    function test_certify_givesNothingOfWhatWasBefore() public {
        enter(2, 1 ether);
        certify(2 ether, none());
        enter(1, 2 ether);
        vm.assertEq(registry.claimable(accountOf(2)), 0);
        certify(4 ether, none());
        vm.assertEq(registry.claimable(accountOf(0)), 2 ether);
        vm.assertEq(registry.claimable(accountOf(2)), 2 ether);
    }

    function test_certify_asksForTwoThirdsOfTheVerifiers() public {
        join(0, 10 ether);
        join(1, 10 ether);
        enter(2, 1 ether);
        IVerifierRegistry.Certificate memory made = certificate(DIGEST, these(2, 3));
        expectRefused(
            made, abi.encodeWithSelector(IVerifierRegistry.NoQuorum.selector, 20 ether, 22 ether, 2, 4)
        );
        certify(0, these(3));
    }

    function test_certify_asksForTwoThirdsOfTheStake() public {
        join(0, 1.6 ether);
        enter(3, 1 ether);
        expectRefused(
            certificate(DIGEST, these(0)),
            abi.encodeWithSelector(IVerifierRegistry.NoQuorum.selector, 3 ether, 4.6 ether, 3, 4)
        );
        certify(0, these(1));
    }

    function test_certify_takesExactlyTwoThirds() public {
        enter(3, 1 ether);
        certify(0, these(2));
    }

    function test_certify_refusesNobody() public {
        IVerifierRegistry.Certificate memory made;
        made.absent = none();
        expectRefused(made, abi.encodeWithSelector(IVerifierRegistry.NoQuorum.selector, 0, 0, 0, 0));
    }

    function test_certify_revertsWithWrongSignature() public {
        enter(3, 1 ether);
        bytes memory wrong = abi.encodeWithSelector(IVerifierRegistry.WrongSignature.selector, DIGEST);
        // of something else; by fewer than are said to have signed; by more; a key that is not the signature's
        expectRefused(certificate(keccak256("else"), none()), wrong);
        IVerifierRegistry.Certificate memory made = certificate(DIGEST, these(1));
        made.absent = none();
        expectRefused(made, wrong);
        made = certificate(DIGEST, none());
        made.absent = these(1);
        expectRefused(made, wrong);
        made = certificate(DIGEST, none());
        made.key = keysOf[0].key2;
        expectRefused(made, wrong);
        G2Point memory zero;
        made.key = zero;
        made.signature = G1Point(0, 0);
        expectRefused(made, wrong);
    }

    function test_certify_revertsWithWrongEpoch() public {
        enter(3, 1 ether);
        IVerifierRegistry.Certificate memory made = certificate(DIGEST, none());
        enter(1, 1 ether);
        expectRefused(made, abi.encodeWithSelector(IVerifierRegistry.WrongEpoch.selector, 1, 2));
        // The signatures are good still: who is new is absent.
        certify(0, these(3));
    }

    function test_certify_revertsWithAbsentNotAscending() public {
        enter(4, 1 ether);
        IVerifierRegistry.Certificate memory made = certificate(DIGEST, these(1));
        made.absent = these(1, 1);
        expectRefused(made, abi.encodeWithSelector(IVerifierRegistry.AbsentNotAscending.selector, 1));
        made.absent = these(2, 1);
        expectRefused(made, abi.encodeWithSelector(IVerifierRegistry.AbsentNotAscending.selector, 1));
    }

    function test_certify_revertsWithNotActive() public {
        enter(3, 1 ether);
        join(3, 1 ether);
        IVerifierRegistry.Certificate memory made = certificate(DIGEST, none());
        made.absent = these(3);
        expectRefused(made, abi.encodeWithSelector(IVerifierRegistry.NotActive.selector, 3));
    }

    function test_certify_revertsWithNotService() public {
        enter(1, 1 ether);
        IVerifierRegistry.Certificate memory made = certificate(DIGEST, none());
        vm.prank(CHALLENGER);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.NotService.selector, CHALLENGER));
        registry.certify(DIGEST, made);
    }

    function test_certify_putsOutWhoIsAbsentTooOften() public {
        enter(4, 1 ether);
        for (uint256 i = 0; i < 2; i++) {
            certify(0, these(3));
        }
        vm.assertTrue(registry.verifierOf(3).status == IVerifierRegistry.Status.Active);
        vm.expectEmit(address(registry));
        emit IVerifierRegistry.VerifierLeaving(3, true);
        certify(0, these(3));
        // In the set until the epoch ends, and counted.
        certify(0, these(3));
        vm.roll(block.number + EPOCH);
        registry.advance(1);
        (,, uint32 count,,) = registry.set();
        vm.assertEq(count, 3);
        certify(0, none());
    }

    function test_certify_forgetsAbsencesOfLongAgo() public {
        enter(4, 1 ether);
        for (uint256 i = 0; i < 2; i++) {
            certify(0, these(3));
        }
        for (uint256 i = 0; i < 21; i++) {
            certify(0, none());
        }
        for (uint256 i = 0; i < 2; i++) {
            certify(0, these(3));
        }
        vm.assertTrue(registry.verifierOf(3).status == IVerifierRegistry.Status.Active);
    }

    function test_leave_paysStakeAfterTheDelay() public {
        enter(3, 1 ether);
        certify(3 ether, none());
        vm.prank(accountOf(0));
        registry.leave();
        vm.prank(accountOf(0));
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.NotActive.selector, 0));
        registry.withdraw();
        vm.roll(block.number + EPOCH);
        registry.advance(1);
        certify(2 ether, none());
        uint256 withdrawableAt = block.number + UNBONDING;
        vm.roll(withdrawableAt - 1);
        vm.prank(accountOf(0));
        vm.expectRevert(
            abi.encodeWithSelector(
                IVerifierRegistry.StillUnbonding.selector, 0, withdrawableAt - 1, withdrawableAt
            )
        );
        registry.withdraw();
        vm.roll(withdrawableAt);
        vm.prank(accountOf(0));
        vm.assertEq(registry.withdraw(), 2 ether);
        vm.prank(accountOf(0));
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.NotVerifier.selector, accountOf(0)));
        registry.withdraw();
    }

    function test_leave_revertsWithNotVerifier() public {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.NotVerifier.selector, address(this)));
        registry.leave();
    }

    function test_slash_putsOutAtOnce() public {
        enter(4, 2 ether);
        certify(4 ether, none());
        vm.assertEq(registry.slash(1, 5_000, 2_000, CHALLENGER), 1 ether);
        (uint40 epoch,, uint32 count, uint96 stake,) = registry.set();
        vm.assertEq(epoch, 2);
        vm.assertEq(count, 3);
        vm.assertEq(stake, 6 ether);
        vm.assertEq(registry.claimable(CHALLENGER), 0.2 ether);
        vm.assertEq(registry.claimable(TREASURY), 0.8 ether);
        vm.assertEq(registry.claimable(accountOf(1)), 1 ether);
        certify(0, none());

        vm.roll(block.number + UNBONDING);
        vm.prank(accountOf(1));
        vm.assertEq(registry.withdraw(), 2 ether);
        vm.prank(CHALLENGER);
        vm.assertEq(registry.claim(), 0.2 ether);
    }

    function test_slash_reachesWhoIsLeavingOrHasLeft() public {
        enter(3, 2 ether);
        vm.prank(accountOf(0));
        registry.leave();
        vm.assertEq(registry.slash(0, 10_000, 0, CHALLENGER), 2 ether);
        vm.prank(accountOf(1));
        registry.leave();
        vm.roll(block.number + EPOCH);
        registry.advance(9);
        vm.assertEq(registry.slash(1, 10_000, 0, CHALLENGER), 2 ether);
        (,, uint32 count, uint96 stake, G1Point memory key) = registry.set();
        vm.assertEq(count, 1);
        vm.assertEq(stake, 2 ether);
        vm.assertEq(key.x, keysOf[2].key1.x);
    }

    function test_slash_keepsOneThatJoinsOut() public {
        enter(1, 2 ether);
        join(1, 2 ether);
        registry.slash(1, 10_000, 0, CHALLENGER);
        vm.roll(block.number + EPOCH);
        registry.advance(9);
        (,, uint32 count,,) = registry.set();
        vm.assertEq(count, 1);
    }

    function test_slash_revertsWithNotService() public {
        enter(1, 1 ether);
        vm.prank(CHALLENGER);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.NotService.selector, CHALLENGER));
        registry.slash(0, 1, 1, CHALLENGER);
    }

    function test_haveSigned_knowsCertificatesOfOldEpochs() public {
        enter(3, 1 ether);
        IVerifierRegistry.Certificate memory made = certificate(DIGEST, these(1));
        registry.slash(0, 1, 1, CHALLENGER);
        enter(1, 1 ether);
        vm.assertTrue(registry.haveSigned(0, DIGEST, made));
        vm.assertTrue(registry.haveSigned(2, DIGEST, made));
        // absent, of another epoch, another digest
        vm.assertFalse(registry.haveSigned(1, DIGEST, made));
        vm.assertFalse(registry.haveSigned(3, DIGEST, made));
        vm.assertFalse(registry.haveSigned(2, keccak256("else"), made));
        // Another set of absent ones is another certificate.
        made.absent = none();
        vm.assertFalse(registry.haveSigned(1, DIGEST, made));
        made.absent = these(1, 1);
        vm.assertFalse(registry.haveSigned(2, DIGEST, made));
        made.absent = these(1, 3);
        vm.assertFalse(registry.haveSigned(2, DIGEST, made));
    }

    function test_constructor_revertsWithInvalidNetworkConfig() public {
        IVerifierRegistry.Config memory config = registryConfig(address(this));
        config.minimumStake = 0;
        expectInvalid(config, "minimumStake");
        config = registryConfig(address(this));
        config.epochBlocks = 0;
        expectInvalid(config, "epochBlocks");
        config = registryConfig(address(this));
        config.unbondingBlocks = 0;
        expectInvalid(config, "unbondingBlocks");
        config = registryConfig(address(this));
        config.absenceLimit = 0;
        expectInvalid(config, "absenceLimit");
        config = registryConfig(address(this));
        config.absenceWindow = 2;
        expectInvalid(config, "absenceWindow");
        config = registryConfig(address(this));
        config.treasury = address(0);
        expectInvalid(config, "treasury");
        expectInvalid(registryConfig(address(0)), "service");
    }

    function expectInvalid(IVerifierRegistry.Config memory config, string memory field) internal {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRegistry.InvalidNetworkConfig.selector, field));
        new VerifierRegistry(config);
    }

    receive() external payable {}
}
