// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {IRewards} from "../src/interfaces/IRewards.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

/// @notice An operator that is a contract and calls back when it is paid
contract ReentrantOperator {
    ISettlement private immutable settlement;

    constructor(ISettlement settlement_) {
        settlement = settlement_;
    }

    receive() external payable {
        settlement.claimRewards();
    }
}

contract SettlementRewardsTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));

    function test_claimRewards_paysWhatWasEarned() public {
        finalise(ALICE, ROOT);
        finalise(ALICE, ROOT);
        finalise(BOB, ROOT);
        fund(3 * REWARD);

        vm.expectEmit(address(settlement));
        emit IRewards.RewardClaimed(ALICE, 2 * REWARD);
        vm.prank(ALICE);
        vm.assertEq(settlement.claimRewards(), 2 * REWARD);
        vm.assertEq(ALICE.balance, 2 * REWARD);
        vm.assertEq(settlement.rewardsOf(ALICE), 2 * REWARD);
        vm.assertEq(settlement.claimedOf(ALICE), 2 * REWARD);
        vm.assertEq(address(settlement).balance, REWARD);
    }

    function test_claimRewards_revertsWithNothingToClaim() public {
        fund(REWARD);
        vm.expectRevert(abi.encodeWithSelector(IRewards.NothingToClaim.selector, BOB));
        vm.prank(BOB);
        settlement.claimRewards();

        finalise(BOB, ROOT);
        vm.prank(BOB);
        settlement.claimRewards();
        vm.expectRevert(abi.encodeWithSelector(IRewards.NothingToClaim.selector, BOB));
        vm.prank(BOB);
        settlement.claimRewards();
    }

    function test_claimRewards_revertsWithInsufficientFunds() public {
        finalise(ALICE, ROOT);
        fund(REWARD - 1);
        vm.expectRevert(abi.encodeWithSelector(IRewards.InsufficientFunds.selector, REWARD - 1, REWARD));
        vm.prank(ALICE);
        settlement.claimRewards();
        fund(1);
        vm.prank(ALICE);
        settlement.claimRewards();
    }

    function test_claimRewards_revertsWithPaymentRefusedOnReentry() public {
        ReentrantOperator operator = new ReentrantOperator(settlement);
        register(address(operator), MINIMUM_STAKE);
        finalise(address(operator), ROOT);
        fund(10 * REWARD);
        vm.expectRevert(abi.encodeWithSelector(IRewards.PaymentRefused.selector, address(operator), REWARD));
        vm.prank(address(operator));
        settlement.claimRewards();
        vm.assertEq(settlement.claimedOf(address(operator)), 0);
        vm.assertEq(address(settlement).balance, 10 * REWARD);
    }

    function test_fundRewards_emits() public {
        vm.expectEmit(address(settlement));
        emit IRewards.RewardsFunded(address(this), 5);
        settlement.fundRewards{value: 5}();
    }

    function fund(uint256 amount) private {
        settlement.fundRewards{value: amount}();
    }
}
