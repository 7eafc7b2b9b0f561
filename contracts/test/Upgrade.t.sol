// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPausing} from "../src/interfaces/IPausing.sol";
import {IRoundWindows} from "../src/interfaces/IRoundWindows.sol";
import {IRollupManager} from "../src/interfaces/IRollupManager.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {ITimelock} from "../src/interfaces/ITimelock.sol";
import {IUpgradeable} from "../src/interfaces/IUpgradeable.sol";
import {SettlementFixture} from "./SettlementFixture.sol";
import {INextSettlement} from "./mocks/INextSettlement.sol";
import {MockRouter} from "./mocks/MockRouter.sol";

contract UpgradeTest is SettlementFixture {
    uint256 internal constant ID = 7;
    uint64 internal constant WEEK = 50_400;
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    /// keccak256("eip1967.proxy.implementation") - 1
    bytes32 internal constant SLOT = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    /// Where the mapping from epochs to their ends is: see storage-layout.txt.
    uint256 internal constant EPOCH_ENDS = 6;

    function newNext(ISettlement.Config memory settings) private returns (INextSettlement) {
        return INextSettlement(create("NextSettlement.sol:NextSettlement", abi.encode(settings)));
    }

    function test_upgrade_keepsStateAndAddress() public {
        settlement.fundRewards{value: 3 ether}();
        finalise(ALICE, ROOT);
        submit(2, bytes32(uint256(0xdef)));
        bytes32 before = stateHash();

        ISettlement.Config memory settings = config();
        settings.verifier = new MockRouter();
        INextSettlement next = newNext(settings);
        throughTimelock(address(manager), upgradeCall(next, abi.encodeCall(next.migrate, (false))));

        vm.assertEq(stateHash(), before);
        vm.assertEq(address(settlement).balance, 3 ether);
        vm.assertEq(address(settlement.verifier()), address(settings.verifier));
        vm.assertEq(INextSettlement(address(settlement)).migrations(), 1);
        vm.assertEq(manager.rollupOf(ID).implementation, address(next));
        vm.assertEq(vm.load(address(settlement), SLOT), bytes32(uint256(uint160(address(next)))));
        vm.assertEq(settlement.pauseOf().epoch, 1);
        vm.prank(ALICE);
        settlement.claimRewards();
    }

    function test_upgrade_isUndoneWithItsMigration() public {
        INextSettlement next = newNext(config());
        bytes memory call = upgradeCall(next, abi.encodeCall(next.migrate, (true)));
        bytes32 id = announce(address(manager), call);
        vm.warp(block.timestamp + DELAY);
        bytes32 before = vm.load(address(settlement), SLOT);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITimelock.OperationFailed.selector,
                id,
                abi.encodeWithSelector(INextSettlement.MigrationFailed.selector)
            )
        );
        execute(address(manager), call);
        vm.assertEq(vm.load(address(settlement), SLOT), before);
        vm.assertTrue(manager.rollupOf(ID).implementation != address(next));
    }

    function test_upgrade_revertsWithWrongImplementation() public {
        ISettlement.Config memory settings = config();
        settings.rollupId = 8;
        expectWrong(newSettlement(settings), "rollupId");
        settings = config();
        settings.manager = ALICE;
        expectWrong(newSettlement(settings), "manager");
    }

    /// No state of a rollup lies where the proxy keeps its implementation, and the implementation's own storage,
    /// which is never written, cannot be mistaken for the proxy's.
    function test_attack_storageCollisionOnUpgrade() public {
        ISettlement next = newSettlement(config());
        vm.record();
        finalise(ALICE, ROOT);
        submit(2, ROOT);
        vm.prank(GUARDIAN);
        manager.pause(ID);
        (, bytes32[] memory writes) = vm.accesses(address(settlement));
        vm.assertTrue(writes.length != 0);
        for (uint256 i = 0; i < writes.length; i++) {
            vm.assertTrue(writes[i] != SLOT);
        }
        vm.prank(ADMIN);
        manager.resume(ID);
        // What an upgrade writes is the implementation's slot and the epoch, first the end of the old one.
        vm.roll(block.number + WEEK + 1);
        bytes32 before = stateHash();
        bytes memory call = upgradeCall(next, "");
        announce(address(manager), call);
        vm.warp(block.timestamp + DELAY);
        vm.record();
        execute(address(manager), call);
        (, writes) = vm.accesses(address(settlement));
        vm.assertEq(writes.length, 3);
        vm.assertEq(writes[0], SLOT);
        vm.assertEq(writes[1], keccak256(abi.encode(uint256(0), EPOCH_ENDS)));
        vm.assertEq(writes[2], bytes32(0));
        vm.assertEq(stateHash(), before);
        (, writes) = vm.accesses(address(next));
        vm.assertEq(writes.length, 0);
    }

    function test_attack_upgradeWithoutDelay() public {
        ISettlement next = newSettlement(config());
        vm.expectRevert(abi.encodeWithSelector(IRollupManager.NotAllowed.selector, ADMIN, "timelock"));
        vm.prank(ADMIN);
        manager.upgrade(ID, next, "");

        bytes memory call = upgradeCall(next, "");
        bytes32 id = announce(address(manager), call);
        uint256 readyAt = block.timestamp + DELAY;
        vm.warp(readyAt - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ITimelock.OperationNotReady.selector, id, readyAt - 1, readyAt)
        );
        execute(address(manager), call);
        // Nor does the proxy take it from anybody: the call goes to the implementation, which has no such function.
        vm.prank(ADMIN);
        (bool done, bytes memory reason) =
            address(settlement).call(abi.encodeCall(IUpgradeable.upgradeTo, (address(next), "")));
        vm.assertFalse(done);
        vm.assertEq(reason.length, 0);
    }

    /// An announced upgrade is not the permission for another one.
    function test_attack_upgradeToSomethingElse() public {
        announce(address(manager), upgradeCall(newSettlement(config()), ""));
        vm.warp(block.timestamp + DELAY);
        bytes memory other = upgradeCall(newSettlement(config()), "");
        vm.expectRevert(
            abi.encodeWithSelector(
                ITimelock.UnknownOperation.selector,
                keccak256(abi.encode(address(manager), other, bytes32(0)))
            )
        );
        execute(address(manager), other);
    }

    /// Operators with commitments are not penalised because an upgrade changed what a proof is: their round is void.
    function test_attack_upgradeWhileARoundIsOpen() public {
        submit(1, ROOT);
        bytes memory proof = proofOf(1);
        commit(ALICE, 1, proof);
        throughTimelock(address(manager), upgradeCall(newSettlement(config()), ""));
        rollToReveal(1);

        vm.expectRevert(abi.encodeWithSelector(IRoundWindows.RoundVoid.selector, 1, 1));
        reveal(ALICE, 1, proof, ROOT);
        // The next commitment opens a new round, although the windows of the void one are not over.
        commit(ALICE, 1, proof);
        vm.assertEq(settlement.windowsOf(1).round, 2);
        rollToReveal(1);
        reveal(ALICE, 1, proof, ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 1);
        vm.assertEq(operators.slashedStake(), 0);
    }

    /// A pause of the guardian alone does not eat up the time to leave in.
    function test_attack_upgradeBehindAPauseOfTheGuardianAlone() public {
        ISettlement next = newSettlement(config());
        bytes memory call = upgradeCall(next, "");
        bytes32 id = announce(address(manager), call);
        vm.prank(GUARDIAN);
        manager.pause(ID);
        vm.warp(block.timestamp + DELAY);
        uint256[3] memory blocks = [uint256(1000), 1001 + WEEK, 1000 + 2 * WEEK];
        for (uint256 i = 0; i < blocks.length; i++) {
            vm.roll(blocks[i]);
            vm.expectRevert(
                abi.encodeWithSelector(
                    ITimelock.OperationFailed.selector,
                    id,
                    abi.encodeWithSelector(
                        IRollupManager.UpgradeDuringPause.selector, blocks[i], 1001 + 2 * WEEK
                    )
                )
            );
            execute(address(manager), call);
        }
        vm.roll(1001 + 2 * WEEK);
        execute(address(manager), call);
        vm.assertEq(manager.rollupOf(ID).implementation, address(next));
    }

    /// Guardian and administrator together can mend a paused rollup, after the delay.
    function test_upgrade_inAProlongedPause() public {
        bytes memory call = upgradeCall(newSettlement(config()), "");
        announce(address(manager), call);
        vm.prank(GUARDIAN);
        manager.pause(ID);
        vm.prank(ADMIN);
        manager.extendPause(ID, 1001 + WEEK);
        vm.warp(block.timestamp + DELAY);
        execute(address(manager), call);
        vm.assertEq(settlement.pauseOf().until, 1001 + WEEK);
    }

    /// A guardian who pauses as often as it can puts an upgrade off, and the announcement lives long enough.
    function test_attack_guardianPreventsAnUpgrade() public {
        bytes memory call = upgradeCall(newSettlement(config()), "");
        announce(address(manager), call);
        uint256 start = block.timestamp;
        // The worst moment: just before it can be executed.
        vm.warp(start + 7 days - 12);
        vm.roll(1000 + WEEK - 1);
        vm.prank(GUARDIAN);
        manager.pause(ID);
        vm.roll(1000 + WEEK - 1 + 2 * WEEK + 1);
        vm.warp(start + 21 days);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPausing.PauseCooldown.selector, block.number, 1000 + WEEK - 1 + WEEK + 216_000
            )
        );
        vm.prank(GUARDIAN);
        manager.pause(ID);
        execute(address(manager), call);
        vm.assertEq(settlement.pauseOf().epoch, 1);
    }

    function upgradeCall(ISettlement next, bytes memory migration) private pure returns (bytes memory) {
        return abi.encodeCall(IRollupManager.upgrade, (ID, next, migration));
    }

    function expectWrong(ISettlement next, string memory field) private {
        bytes memory call = upgradeCall(next, "");
        bytes32 id = announce(address(manager), call);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITimelock.OperationFailed.selector,
                id,
                abi.encodeWithSelector(IRollupManager.WrongImplementation.selector, address(next), field)
            )
        );
        execute(address(manager), call);
    }

    function stateHash() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                settlement.state(),
                settlement.sequenceOf(0),
                settlement.sequenceOf(1),
                settlement.sequenceOf(2),
                settlement.rewardsOf(ALICE)
            )
        );
    }
}
