// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bridge} from "../src/Bridge.sol";
import {ForcedInbox} from "../src/ForcedInbox.sol";
import {IBridge} from "../src/interfaces/IBridge.sol";
import {IExitRoots} from "../src/interfaces/IExitRoots.sol";
import {IForcedInbox} from "../src/interfaces/IForcedInbox.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {StateTree} from "../src/libraries/StateTree.sol";
import {Test} from "./Vm.sol";
import {MockForcedSettlement} from "./mocks/MockForcedSettlement.sol";

/// @notice An inbox at the address that the signed messages of test/vectors/forced-inbox.json are for
abstract contract ForcedInboxFixture is Test {
    struct Signed {
        bytes32 payer;
        bytes[] messages;
        bytes32[] rs;
        bytes32[] ss;
        bytes[] batches;
    }

    struct Shown {
        bytes32 account;
        bool canPay;
        IForcedInbox.AccountValue value;
        StateTree.Proof proof;
    }

    uint256 internal constant FEE = 0.01 ether;
    uint32 internal constant DEADLINE = 100;
    uint32 internal constant SPACING = 5;
    uint64 internal constant LAMPORTS = 1_000_000;
    address internal constant RECIPIENT = 0x00000000000000000000000000000000000A11cE;
    ForcedInbox internal constant INBOX = ForcedInbox(0x00000000000000000000000000000000000f0cEd);
    bytes internal constant OTHER_BATCH = hex"6100";

    MockForcedSettlement internal settlement;
    Bridge internal bridge;
    Signed internal rich;
    Signed internal poor;

    function setUp() public virtual {
        vm.roll(1000);
        settlement = new MockForcedSettlement();
        bridge = new Bridge(IExitRoots(address(settlement)), DEADLINE, INBOX, new bytes32[](0));
        ForcedInbox made =
            new ForcedInbox(ISettlement(address(settlement)), bridge, FEE, 5000, DEADLINE, SPACING);
        vm.etch(address(INBOX), address(made).code);
        string memory json = vm.readFile("test/vectors/forced-inbox.json");
        rich = signedOf(json, ".withdrawals[0]");
        poor = signedOf(json, ".withdrawals[1]");
        settlement.begin(vm.parseJsonBytes32(json, ".accounts.root"));
        vm.deal(address(this), 1 ether);
    }

    function signedOf(string memory json, string memory key) private pure returns (Signed memory signed) {
        signed.payer = vm.parseJsonBytes32(json, string.concat(key, ".payer"));
        signed.messages = vm.parseJsonBytesArray(json, string.concat(key, ".messages"));
        signed.rs = vm.parseJsonBytes32Array(json, string.concat(key, ".rs"));
        signed.ss = vm.parseJsonBytes32Array(json, string.concat(key, ".ss"));
        signed.batches = vm.parseJsonBytesArray(json, string.concat(key, ".batches"));
    }

    /// What the tree of the vectors has of an account.
    function shownOf(uint256 number) internal view returns (Shown memory shown) {
        string memory json = vm.readFile("test/vectors/forced-inbox.json");
        uint256[] memory levels = vm.parseJsonUintArray(json, ".accounts.levels");
        bytes32[] memory siblings = vm.parseJsonBytes32Array(json, ".accounts.siblings");
        bytes32[] memory fields = vm.parseJsonBytes32Array(json, ".accounts.fields");
        shown.account = vm.parseJsonBytes32Array(json, ".accounts.addresses")[number];
        shown.canPay = vm.parseJsonBoolArray(json, ".accounts.canPay")[number];
        uint256 at = 0;
        for (uint256 i = 0; i < number; i++) {
            at += 3 * levels[i];
        }
        shown.proof.siblings = new uint256[3][](levels[number]);
        for (uint256 i = 0; i < 3 * levels[number]; i++) {
            shown.proof.siblings[i / 3][i % 3] = uint256(siblings[at + i]);
        }
        shown.proof.key = uint256(fields[5 * number]);
        shown.proof.value = uint256(fields[5 * number + 1]);
        shown.value = IForcedInbox.AccountValue({
            meta: uint256(fields[5 * number + 2]),
            owner: uint256(fields[5 * number + 3]),
            dataHash: uint256(fields[5 * number + 4])
        });
    }

    function force(Signed storage signed, uint64 nonce) internal returns (uint64) {
        return INBOX.force{value: FEE}(
            signed.payer, RECIPIENT, LAMPORTS + nonce, signed.rs[nonce], signed.ss[nonce]
        );
    }

    function sequence(bytes memory first) internal {
        bytes[] memory batches = new bytes[](1);
        batches[0] = first;
        settlement.take(bridge, batches);
    }

    function sequence(bytes memory first, bytes memory second) internal {
        bytes[] memory batches = new bytes[](2);
        batches[0] = first;
        batches[1] = second;
        settlement.take(bridge, batches);
    }
}
