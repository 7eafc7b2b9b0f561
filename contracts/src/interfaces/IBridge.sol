// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IExitRoots} from "./IExitRoots.sol";
import {IForcedInbox} from "./IForcedInbox.sol";

/// @title The ether of one rollup
/// @notice Deposits wait in an inbox until the rollup's sequences take them, in order. Exits of verified sequences are paid
/// once. A lamport is a gwei.
/// Do not deposit ether of value: proofs do not contain the signatures of transactions yet, so that a sequencer that colludes with
/// a prover can take all of it. See docs/bridge.md.
interface IBridge {
    /// @notice A deposit in the inbox
    struct Deposit {
        /// Account of the rollup
        bytes32 recipient;
        uint64 lamports;
        /// Block in which it was made
        uint32 blockNumber;
        address depositor;
    }

    /// @notice The inbox has another deposit.
    event DepositQueued(
        uint64 indexed index, address indexed depositor, bytes32 indexed recipient, uint64 lamports
    );

    /// @notice A sequence took the deposits in [first, end).
    event DepositsConsumed(uint64 first, uint64 end);

    /// @notice The sequencer sent a deposit back: the depositor may withdraw it.
    event DepositReturned(uint64 indexed index, address indexed depositor, uint64 lamports);

    /// @notice What was sent back is paid.
    event RefundPaid(address indexed depositor, uint256 amount);

    /// @notice Lamports of the rollup that no deposit made are backed with `amount` (in wei).
    event Funded(address indexed from, uint256 amount);

    /// @notice An exit is paid.
    event ExitClaimed(
        uint64 indexed sequence, uint256 indexed position, address indexed recipient, uint64 lamports
    );

    /// @notice The settlement contract alone may do this.
    error NotSettlement(address caller);

    /// @notice The sequencer alone may do this.
    error NotSequencer(address caller, address sequencer);

    /// @notice `field` of the configuration cannot work.
    error InvalidBridge(string field);

    /// @notice A lamport is a gwei: smaller parts cannot enter the rollup.
    error NotWholeLamports(uint256 amount);

    /// @notice A deposit has at least `least` lamports, so that it can make a new account.
    error DepositTooSmall(uint256 lamports, uint256 least);

    /// @notice With this deposit more lamports would have entered than the rollup can count.
    error DepositTooLarge(uint256 lamports, uint256 most);

    /// @notice No batch could be proved in which this account gets a deposit: it belongs to the runtime, or is an exit address.
    error RefusedRecipient(bytes32 recipient);

    /// @notice The batch at `batch` (from 0) of a sequence does not end in whole deposits.
    error MalformedDeposits(uint256 batch);

    /// @notice The batch at `batch` of a sequence has another deposit than the next one of the inbox, `index`, which may
    /// not be there.
    error WrongDeposit(uint256 batch, uint64 index);

    /// @notice The batch at `batch` of a sequence has no deposit although the next one of the inbox waits too long.
    error DepositOverdue(uint256 batch, uint64 index);

    /// @notice The inbox has no deposit that was not taken.
    error NoDeposit();

    /// @notice The sequence is not verified, or nothing left the rollup in it.
    error NoExits(uint64 sequence);

    /// @notice A path has at most `most` levels and a bit for each.
    error InvalidPath(uint256 bits, uint256 levels);

    /// @notice There is no such exit at that place in the sequence.
    error WrongExit(uint64 sequence, bytes32 root);

    /// @notice The exit at that place is paid already.
    error AlreadyClaimed(uint64 sequence, uint256 position);

    /// @notice There is nothing to be paid to this account.
    error NothingToRefund(address account);

    /// @notice The deposits that the rollup took, less what was paid, do not cover `amount` (in wei).
    error InsufficientBacking(uint256 available, uint256 amount);

    /// @notice `recipient` refused a payment. Nothing has changed: it can be paid later.
    error TransferRefused(address recipient, uint256 amount);

    /// @notice Queues a deposit of the ether that is sent
    /// @dev Reverts with {NotWholeLamports}, {DepositTooSmall}, {DepositTooLarge} or {RefusedRecipient}.
    /// @param recipient Account of the rollup; it need not exist
    /// @return index Number of the deposit in the inbox, from 0
    function deposit(bytes32 recipient) external payable returns (uint64 index);

    /// @notice Backs lamports that the rollup has from its genesis
    function fund() external payable;

    /// @notice Takes the deposits that are in the batches of a sequence: behind the messages of each the recipients (32
    /// bytes) and lamports (8 bytes, big-endian), then their number in a byte
    /// @dev For the settlement contract. Reverts with {NotSettlement}, {MalformedDeposits}, {WrongDeposit} unless they are
    /// the next ones of the inbox in order, {DepositOverdue} where a batch has none although the next one has waited for
    /// more than {deadlineBlocks} and it is not forced; and with what {IForcedInbox-consume} reverts with.
    function consume(bytes[] calldata batches) external;

    /// @notice Sends the next deposit of the inbox back, because no batch can be proved with it
    /// @dev For the sequencer. Reverts with {NotSequencer} or {NoDeposit}.
    function returnDeposit() external;

    /// @notice Pays what was sent back to the caller
    /// @dev Reverts with {NothingToRefund} or {TransferRefused}.
    function withdrawRefund() external returns (uint256 amount);

    /// @notice Pays an exit to its recipient; anybody may ask for it
    /// @dev Reverts with {NoExits}, {InvalidPath}, {AlreadyClaimed}, {WrongExit}, {InsufficientBacking} or {TransferRefused}.
    /// @param sequence Number of the verified sequence
    /// @param bits Bit i says whether the path is on the right at level i, which counts from the leaf
    /// @param siblings Nodes beside the path, from the leaf upwards
    function claim(
        uint64 sequence,
        address recipient,
        uint64 lamports,
        uint256 bits,
        bytes32[] calldata siblings
    ) external;

    /// @notice The contract that verifies the rollup's sequences
    function settlement() external view returns (IExitRoots);

    /// @notice Where withdrawals are forced that the sequencer would leave out; 0 for nowhere
    function forcedInbox() external view returns (IForcedInbox);

    /// @notice Blocks that a deposit may wait for before sequences without it are refused
    function deadlineBlocks() external view returns (uint32);

    /// @notice Whether no deposit may go to an account
    function isRefused(bytes32 recipient) external view returns (bool);

    /// @notice Deposits that were made, and how many of them were taken or sent back
    function depositCount() external view returns (uint64);
    function consumedCount() external view returns (uint64);

    /// @notice A deposit of the inbox; all zero where there is none of that number
    function depositOf(uint64 index) external view returns (Deposit memory);

    /// @notice Whether the deposit was sent back
    function isReturned(uint64 index) external view returns (bool);

    /// @notice What exits can be paid with (in wei)
    function available() external view returns (uint256);

    /// @notice What was sent back and not paid yet (in wei)
    function refundOf(address depositor) external view returns (uint256);

    /// @notice Whether the exit at a place of a sequence is paid. A place is its path's bits, with one more bit above them.
    function isClaimed(uint64 sequence, uint256 position) external view returns (bool);
}
