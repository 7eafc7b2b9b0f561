// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SettlementFixture} from "./SettlementFixture.sol";

/// What transactions of a settled chain cost, as transactions of their own, with a verifier that costs next to nothing.
/// The figures are in snapshots/Settlement.json; a change of them has to be committed with what changes them.
/// forge-config: default.isolate = true
contract SettlementGasTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    address internal constant THIRD = address(0x3d);

    function test_gas() public {
        // The first sequence makes storage that later ones find.
        register(THIRD, MINIMUM_STAKE);
        for (uint256 i = 0; i < 3; i++) {
            address[3] memory all = [ALICE, BOB, THIRD];
            finalise(all[i], ROOT);
        }
        settlement.fundRewards{value: 10 ether}();

        uint64 number = submit(1, ROOT);
        snapshot("sequence of 1 batch");
        bytes memory proof = proofOf(number);
        commit(ALICE, number, proof);
        snapshot("commit, opening the round");
        commit(BOB, number, proof);
        snapshot("commit");
        commit(THIRD, number, proof);
        rollToReveal(number);
        reveal(ALICE, number, proof, ROOT);
        snapshot("reveal, verifying the sequence");
        reveal(BOB, number, proof, ROOT);
        snapshot("reveal, the second");
        vm.roll(settlement.windowsOf(number).lastShareBlock + 1);
        settle(ALICE, number, 1);
        snapshot("settle, fixing the reward");
        settle(BOB, number, 1);
        snapshot("settle, a share");
        settle(THIRD, number, 1);
        snapshot("settle, a penalty");
        vm.prank(ALICE);
        settlement.claimRewards();
        snapshot("claim");
    }

    function test_gas_alone() public {
        finalise(ALICE, ROOT);
        uint64 number = submit(1, ROOT);
        bytes memory proof = proofOf(number);
        commit(ALICE, number, proof);
        rollToReveal(number);
        reveal(ALICE, number, proof, ROOT);
        snapshot("reveal, of a single operator");
    }

    function snapshot(string memory name) private {
        vm.snapshotGasLastCall("Settlement", name);
    }
}
