// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBridge} from "./interfaces/IBridge.sol";
import {IForcedInbox} from "./interfaces/IForcedInbox.sol";
import {IExitRoots} from "./interfaces/IExitRoots.sol";
import {ExitTree} from "./libraries/ExitTree.sol";

/// @title The ether of one rollup
/// @notice See {IBridge} for the rules.
/// @dev The balance is {available}, plus the deposits that are not taken yet, plus refunds: an exit is paid from the first
/// part alone.
contract Bridge is IBridge {
    uint256 private constant WEI_PER_LAMPORT = 1 gwei;
    /// What exempts an account without data from rent, and lets it exist
    uint256 private constant LEAST_LAMPORTS = 890_880;
    /// With as many at genesis, no account can get more than 2^64 - 1.
    uint256 private constant MOST_LAMPORTS = 1 << 63;
    /// "polyproof:l1", the first bytes of exit addresses
    bytes12 private constant EXIT_TAG = "polyproof:l1";
    uint256 private constant DEPOSIT_BYTES = 40;
    uint256 private constant MOST_LEVELS = 64;

    /// @inheritdoc IBridge
    IExitRoots public immutable settlement;
    /// @inheritdoc IBridge
    uint32 public immutable deadlineBlocks;
    /// @inheritdoc IBridge
    IForcedInbox public immutable forcedInbox;

    /// @inheritdoc IBridge
    uint64 public depositCount;
    /// @inheritdoc IBridge
    uint64 public consumedCount;
    uint64 private _depositedLamports;
    /// @inheritdoc IBridge
    uint256 public available;

    mapping(uint64 index => Deposit) private _deposits;
    mapping(bytes32 recipient => bool) private _reserved;
    /// @inheritdoc IBridge
    mapping(uint64 index => bool) public isReturned;
    /// @inheritdoc IBridge
    mapping(address depositor => uint256) public refundOf;
    /// @inheritdoc IBridge
    mapping(uint64 sequence => mapping(uint256 position => bool)) public isClaimed;

    /// @param settlement_ The rollup's settlement contract, which need not be there yet
    /// @param deadlineBlocks_ See {deadlineBlocks}
    /// @param forcedInbox_ Where withdrawals are forced, made for this bridge, which need not be there yet; 0 for nowhere
    /// @param reserved Accounts that no batch can be proved with: those that the runtime reserves, and programs
    constructor(
        IExitRoots settlement_,
        uint32 deadlineBlocks_,
        IForcedInbox forcedInbox_,
        bytes32[] memory reserved
    ) {
        if (address(settlement_) == address(0)) revert InvalidBridge("settlement");
        if (deadlineBlocks_ == 0) revert InvalidBridge("deadlineBlocks");
        settlement = settlement_;
        deadlineBlocks = deadlineBlocks_;
        forcedInbox = forcedInbox_;
        for (uint256 i = 0; i < reserved.length; i++) {
            _reserved[reserved[i]] = true;
        }
    }

    /// @inheritdoc IBridge
    function deposit(bytes32 recipient) external payable returns (uint64 index) {
        uint256 lamports = msg.value / WEI_PER_LAMPORT;
        if (msg.value % WEI_PER_LAMPORT != 0) revert NotWholeLamports(msg.value);
        if (lamports < LEAST_LAMPORTS) revert DepositTooSmall(lamports, LEAST_LAMPORTS);
        uint256 most = MOST_LAMPORTS - _depositedLamports;
        if (lamports > most) revert DepositTooLarge(lamports, most);
        if (isRefused(recipient)) revert RefusedRecipient(recipient);

        index = depositCount++;
        _depositedLamports += uint64(lamports);
        _deposits[index] = Deposit({
            recipient: recipient,
            lamports: uint64(lamports),
            blockNumber: uint32(block.number),
            depositor: msg.sender
        });
        emit DepositQueued(index, msg.sender, recipient, uint64(lamports));
    }

    /// @inheritdoc IBridge
    function fund() external payable {
        available += msg.value;
        emit Funded(msg.sender, msg.value);
    }

    /// @inheritdoc IBridge
    function consume(bytes[] calldata batches) external {
        if (msg.sender != address(settlement)) revert NotSettlement(msg.sender);
        bool[] memory isForced =
            address(forcedInbox) == address(0) ? new bool[](batches.length) : forcedInbox.consume(batches);
        uint64 first = consumedCount;
        uint64 next = first;
        uint256 lamports = 0;
        for (uint256 i = 0; i < batches.length; i++) {
            uint64 before = next;
            uint256 taken;
            (next, taken) = _take(i, batches[i], next);
            lamports += taken;
            // One for each batch, and not all: whoever floods the inbox slows it down, and stops nobody. A forced batch is
            // one message alone.
            if (next == before && !isForced[i] && _isOverdue(next)) revert DepositOverdue(i, next);
        }
        if (next == first) return;
        consumedCount = next;
        available += lamports * WEI_PER_LAMPORT;
        emit DepositsConsumed(first, next);
    }

    /// @inheritdoc IBridge
    function returnDeposit() external {
        address sequencer = settlement.sequencer();
        if (msg.sender != sequencer) revert NotSequencer(msg.sender, sequencer);
        uint64 index = consumedCount;
        if (index == depositCount) revert NoDeposit();

        consumedCount = index + 1;
        isReturned[index] = true;
        Deposit memory returned = _deposits[index];
        refundOf[returned.depositor] += returned.lamports * WEI_PER_LAMPORT;
        emit DepositReturned(index, returned.depositor, returned.lamports);
    }

    /// @inheritdoc IBridge
    function withdrawRefund() external returns (uint256 amount) {
        amount = refundOf[msg.sender];
        if (amount == 0) revert NothingToRefund(msg.sender);
        refundOf[msg.sender] = 0;
        emit RefundPaid(msg.sender, amount);
        _pay(msg.sender, amount);
    }

    /// @inheritdoc IBridge
    function claim(
        uint64 sequence,
        address recipient,
        uint64 lamports,
        uint256 bits,
        bytes32[] calldata siblings
    ) external {
        bytes32 expected = settlement.exitRootOf(sequence);
        if (expected == 0) revert NoExits(sequence);
        if (siblings.length > MOST_LEVELS || bits >> siblings.length != 0) {
            revert InvalidPath(bits, siblings.length);
        }
        // A bit above those of the path: one is shifted, not by one.
        // forge-lint: disable-next-line(incorrect-shift)
        uint256 position = (1 << siblings.length) | bits;
        if (isClaimed[sequence][position]) revert AlreadyClaimed(sequence, position);
        bytes32 root = ExitTree.rootOf(recipient, lamports, bits, siblings);
        if (root != expected) revert WrongExit(sequence, root);
        uint256 amount = lamports * WEI_PER_LAMPORT;
        if (amount > available) revert InsufficientBacking(available, amount);

        // Noted before it is paid: a call back into this function finds it claimed.
        isClaimed[sequence][position] = true;
        available -= amount;
        emit ExitClaimed(sequence, position, recipient, lamports);
        _pay(recipient, amount);
    }

    /// @inheritdoc IBridge
    function depositOf(uint64 index) external view returns (Deposit memory) {
        return _deposits[index];
    }

    /// @inheritdoc IBridge
    function isRefused(bytes32 recipient) public view returns (bool) {
        return _reserved[recipient] || bytes12(recipient) == EXIT_TAG;
    }

    /// Compares the deposits of a batch with those of the inbox from `next` on.
    function _take(uint256 number, bytes calldata batch, uint64 next)
        private
        view
        returns (uint64 end, uint256 lamports)
    {
        if (batch.length == 0) revert MalformedDeposits(number);
        uint256 last = batch.length - 1;
        uint256 count = uint8(batch[last]);
        if (count * DEPOSIT_BYTES > last) revert MalformedDeposits(number);
        end = next;
        for (uint256 at = last - count * DEPOSIT_BYTES; at < last; at += DEPOSIT_BYTES) {
            Deposit storage queued = _deposits[end];
            uint64 amount = uint64(bytes8(batch[at + 32:at + DEPOSIT_BYTES]));
            bool same = bytes32(batch[at:at + 32]) == queued.recipient && amount == queued.lamports;
            if (end >= depositCount || !same) revert WrongDeposit(number, end);
            lamports += amount;
            end++;
        }
    }

    function _isOverdue(uint64 index) private view returns (bool) {
        return index < depositCount && block.number > uint256(_deposits[index].blockNumber) + deadlineBlocks;
    }

    /// What the recipient returns is not looked at, and not copied.
    function _pay(address recipient, uint256 amount) private {
        bool paid;
        assembly ("memory-safe") {
            paid := call(gas(), recipient, amount, 0, 0, 0, 0)
        }
        if (!paid) revert TransferRefused(recipient, amount);
    }
}
