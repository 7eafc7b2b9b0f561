// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {StateTree} from "../libraries/StateTree.sol";
import {IBridge} from "./IBridge.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title Withdrawals that a sequencer cannot leave out
/// @notice An account of the rollup whose transactions the sequencer ignores signs one withdrawal, and anybody brings it
/// here: a message of one fixed shape, a System transfer to an exit address. The contract checks the signature and queues
/// the batch that consists of this message alone, as the sequencer has to submit it. When the oldest entry is overdue,
/// nothing but it can be sequenced.
///
/// Entries fall due in order, and at least {spacingBlocks} apart: whoever floods the queue delays others, at a price, but
/// cannot keep the sequencer from everything else. An entry that no batch could hold is voided by a proof.
interface IForcedInbox {
    /// @notice A withdrawal in the queue
    struct Entry {
        /// keccak256 of the batch
        bytes32 dataHash;
        /// Account of the rollup that signed it
        bytes32 payer;
        /// Block in which it was made
        uint64 blockNumber;
        /// Last block in which other batches may be sequenced without it
        uint64 dueBlock;
    }

    /// @notice What an account of the rollup is, as the state tree commits to it: see the formats in ARCHITECTURE.md
    struct AccountValue {
        uint256 meta;
        uint256 owner;
        uint256 dataHash;
    }

    /// @notice The queue has another entry. The signature is in its two halves.
    event WithdrawalForced(
        uint64 indexed index,
        bytes32 indexed payer,
        address indexed recipient,
        uint64 lamports,
        uint64 nonce,
        uint64 dueBlock,
        bytes32 signatureR,
        bytes32 signatureS
    );

    /// @notice A sequence took the entries in [first, end).
    event WithdrawalsIncluded(uint64 first, uint64 end);

    /// @notice An entry was voided: its account could not pay for it.
    event WithdrawalVoided(uint64 indexed index);

    /// @notice `field` of the configuration cannot work.
    error InvalidInbox(string field);

    /// @notice The bridge alone may do this.
    error NotBridge(address caller, address bridge);

    /// @notice An entry costs `required` (in wei).
    error WrongFee(uint256 given, uint256 required);

    /// @notice A withdrawal makes an account, which takes at least `least` lamports.
    error WithdrawalTooSmall(uint64 lamports, uint64 least);

    /// @notice The signature is not that of the payer on its next message here.
    error WrongSignature(bytes32 payer, uint64 nonce);

    /// @notice The batch at `batch` (from 0) of a sequence is not that of entry `index`, which is overdue.
    error WithdrawalOverdue(uint256 batch, uint64 index);

    /// @notice No entry waits.
    error NothingForced();

    /// @notice The newest verified state is older than the entry, and sequences wait to be verified: with them it may become
    /// possible.
    error StateTooOld(uint64 index, uint64 verifiedSequence);

    /// @notice The proof leads to another root than the verified one.
    error WrongState(bytes32 root, bytes32 verifiedRoot);

    /// @notice The account that is shown is not the one that the proof ends at.
    error WrongAccount(uint256 value, uint256 provedValue);

    /// @notice The account can pay its entry: it is to be included.
    error CanPay(uint64 index);

    /// @notice Queues a withdrawal. Its fee goes to what provers are rewarded from.
    /// @dev Reverts with {WrongFee}, {WithdrawalTooSmall} or {WrongSignature}.
    /// @param payer Account of the rollup that withdraws and signs
    /// @param recipient Account of the base chain that can claim the withdrawal when its sequence is verified
    /// @param signatureR First half of the payer's Ed25519 signature of {messageOf}
    /// @param signatureS Second half
    /// @return index Number of the entry, from 0
    function force(bytes32 payer, address recipient, uint64 lamports, bytes32 signatureR, bytes32 signatureS)
        external
        payable
        returns (uint64 index);

    /// @notice Voids the oldest entry, when the verified state shows that no batch could hold it: its payer does not exist,
    /// is no plain account of the System program, or could not pay the fee and then hold nothing or the least that an account holds.
    ///
    /// The state has to be one in which the entry could have been included next: that of a sequence submitted after the
    /// entry was made, or the newest one submitted. As nobody but the payer takes lamports from a plain account, a sequencer
    /// cannot void what the payer can still pay; as every submitted sequence can be verified, no entry stops the rollup.
    /// @dev Reverts with {NothingForced}, {StateTooOld}, {WrongState}, {WrongAccount}, {CanPay}, {StateTree-WrongPath} or
    /// {StateTree-NotFieldElement}.
    /// @param shown The account where it exists; all zero where it does not
    function voidNext(AccountValue calldata shown, StateTree.Proof calldata proof) external;

    /// @notice Looks through the batches of a sequence and takes those that are the next entries, in order
    /// @dev For the bridge. Reverts with {NotBridge} or {WithdrawalOverdue}.
    /// @return isForced Of each batch whether it was an entry
    function consume(bytes[] calldata batches) external returns (bool[] memory isForced);

    /// @notice The message that a payer signs next for a withdrawal: a legacy message of Solana with one System transfer,
    /// and with {blockhashOf} in the place of a blockhash
    function messageOf(bytes32 payer, address recipient, uint64 lamports) external view returns (bytes memory);

    /// @notice What stands in the message of a nonce for a recent blockhash: no block has it, and no two messages
    function blockhashOf(bytes32 payer, uint64 nonce) external view returns (bytes32);

    /// @notice How many withdrawals of an account were queued
    function nonceOf(bytes32 payer) external view returns (uint64);

    /// @notice Entries that were made, and how many of them were included or voided
    function entryCount() external view returns (uint64);
    function nextEntry() external view returns (uint64);

    /// @notice An entry; all zero where there is none of that number
    function entryOf(uint64 index) external view returns (Entry memory);

    function settlement() external view returns (ISettlement);
    function bridge() external view returns (IBridge);

    /// @notice What an entry costs (in wei)
    function feeWei() external view returns (uint256);

    /// @notice Lamports that the rollup takes for a signature
    function lamportsPerSignature() external view returns (uint64);

    /// @notice Blocks until an entry is due
    function deadlineBlocks() external view returns (uint32);

    /// @notice Least number of blocks between two entries that fall due
    function spacingBlocks() external view returns (uint32);
}
