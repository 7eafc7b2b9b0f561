// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IForcedInbox} from "../src/interfaces/IForcedInbox.sol";
import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {StateTree} from "../src/libraries/StateTree.sol";
import {ForcedInboxFixture} from "./ForcedInboxFixture.sol";

/// @notice Voiding entries by proofs of accounts in the tree of test/vectors/forced-inbox.json
contract ForcedInboxVoidTest is ForcedInboxFixture {
    uint256 private constant ACCOUNTS = 22;
    /// Numbers of accounts in the vectors
    uint256 private constant RICH = 0;
    uint256 private constant POOR = 3;

    function test_voidNext_byAnAccountThatCannotPay() public {
        force(poor, 0);
        vm.roll(1001 + DEADLINE);
        Shown memory shown = shownOf(POOR);
        vm.expectEmit(address(INBOX));
        emit IForcedInbox.WithdrawalVoided(0);
        INBOX.voidNext(shown.value, shown.proof);
        vm.snapshotGasLastCall("ForcedInbox", "voidNext, three levels");
        vm.assertEq(INBOX.nextEntry(), 1);
        sequence(OTHER_BATCH);
    }

    function test_voidNext_revertsWithCanPay() public {
        force(rich, 0);
        Shown memory shown = shownOf(RICH);
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.CanPay.selector, 0));
        INBOX.voidNext(shown.value, shown.proof);
    }

    function test_voidNext_revertsWithNothingForced() public {
        Shown memory shown = shownOf(POOR);
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.NothingForced.selector));
        INBOX.voidNext(shown.value, shown.proof);
    }

    /// Every account of the tree, and addresses that are not in it: what can be voided is what cannot pay.
    function test_voidNext_isForWhatCannotPay() public {
        bytes32 entry = keccak256(abi.encode(uint256(0), entriesSlot()));
        force(poor, 0);
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            Shown memory shown = shownOf(i);
            // As if this account had forced it: nobody has signatures of all of them here.
            vm.store(address(INBOX), bytes32(uint256(entry) + 1), shown.account);
            vm.assertEq(INBOX.entryOf(0).payer, shown.account);
            if (shown.canPay) {
                vm.expectRevert(abi.encodeWithSelector(IForcedInbox.CanPay.selector, 0));
                INBOX.voidNext(shown.value, shown.proof);
            } else {
                bytes32 counters = vm.load(address(INBOX), 0);
                INBOX.voidNext(shown.value, shown.proof);
                vm.assertEq(INBOX.nextEntry(), 1);
                vm.store(address(INBOX), 0, counters);
            }
        }
    }

    /// The sequencer shows a state of before the deposit that pays for the withdrawal.
    function test_attack_voidByAnOldState() public {
        Shown memory shown = shownOf(POOR);
        bytes32 root = settlement.state().verifiedStateRoot;
        sequence(OTHER_BATCH);
        settlement.verify(root);
        sequence(OTHER_BATCH);
        force(poor, 0);
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.StateTooOld.selector, 0, 1));
        INBOX.voidNext(shown.value, shown.proof);
        // In the newest state it could have been included; so it could in one that was submitted after it.
        settlement.verify(root);
        vm.roll(1001);
        sequence(OTHER_BATCH);
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.StateTooOld.selector, 0, 2));
        INBOX.voidNext(shown.value, shown.proof);
        settlement.verify(root);
        sequence(OTHER_BATCH);
        INBOX.voidNext(shown.value, shown.proof);
    }

    /// Another account's proof, another value, an end of the path that is not on it
    function test_attack_voidByAnotherAccount() public {
        force(rich, 0);
        Shown memory mine = shownOf(RICH);
        Shown memory other = shownOf(POOR);
        vm.expectRevert(
            abi.encodeWithSelector(StateTree.WrongPath.selector, other.proof.key, other.proof.siblings.length)
        );
        INBOX.voidNext(other.value, other.proof);

        uint256 value =
            Poseidon2.hash3(Poseidon2.constants(), other.value.meta, other.value.owner, other.value.dataHash);
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.WrongAccount.selector, value, mine.proof.value));
        INBOX.voidNext(other.value, mine.proof);

        mine.proof.value = value;
        expectWrongState(other.value, mine.proof);
        // As if there were nothing
        mine.proof.key = 0;
        mine.proof.value = 0;
        expectWrongState(mine.value, mine.proof);
    }

    /// The account is left out: its place is said to be empty, higher up or deeper down.
    function testFuzz_attack_voidByAWrongTree(uint256 account, uint256 level, uint256 which, uint256 value)
        public
    {
        force(rich, 0);
        Shown memory mine = shownOf(account % 2 == 0 ? RICH : POOR);
        if (account % 2 == 1) {
            bytes32 entry = keccak256(abi.encode(uint256(0), entriesSlot()));
            vm.store(address(INBOX), bytes32(uint256(entry) + 1), mine.account);
        }
        uint256[3] memory changed = mine.proof.siblings[level % mine.proof.siblings.length];
        value %= Poseidon2.MODULUS;
        if (changed[which % 3] == value) return;
        changed[which % 3] = value;
        expectWrongState(mine.value, mine.proof);
    }

    function test_voidNext_revertsWithNotFieldElement() public {
        force(poor, 0);
        Shown memory shown = shownOf(POOR);
        bytes memory refusal = abi.encodeWithSelector(StateTree.NotFieldElement.selector, Poseidon2.MODULUS);
        uint256 kept = shown.value.dataHash;
        shown.value.dataHash = Poseidon2.MODULUS;
        vm.expectRevert(refusal);
        INBOX.voidNext(shown.value, shown.proof);
        shown.value.dataHash = kept;
        shown.proof.siblings[0][1] = Poseidon2.MODULUS;
        vm.expectRevert(refusal);
        INBOX.voidNext(shown.value, shown.proof);
        shown.proof.siblings = new uint256[3][](128);
        vm.expectRevert(abi.encodeWithSelector(StateTree.WrongPath.selector, shown.proof.key, 128));
        INBOX.voidNext(shown.value, shown.proof);
    }

    function expectWrongState(IForcedInbox.AccountValue memory value, StateTree.Proof memory proof) private {
        (bool done, bytes memory reason) =
            address(INBOX).call(abi.encodeCall(IForcedInbox.voidNext, (value, proof)));
        vm.assertFalse(done);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(IForcedInbox.WrongState.selector));
        vm.assertEq(INBOX.nextEntry(), 0);
    }

    /// Where the mapping of entries is: behind the two counters
    function entriesSlot() private pure returns (uint256) {
        return 1;
    }
}
