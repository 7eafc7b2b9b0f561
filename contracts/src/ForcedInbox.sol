// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBridge} from "./interfaces/IBridge.sol";
import {IForcedInbox} from "./interfaces/IForcedInbox.sol";
import {ISequences} from "./interfaces/ISequences.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Ed25519} from "./libraries/Ed25519.sol";
import {Poseidon2} from "./libraries/Poseidon2.sol";
import {StateTree} from "./libraries/StateTree.sol";

/// @title Withdrawals that a sequencer cannot leave out
/// @notice See {IForcedInbox} for the rules.
contract ForcedInbox is IForcedInbox {
    /// What exempts an account without data from rent, and lets it exist
    uint64 private constant LEAST_LAMPORTS = 890_880;
    bytes12 private constant EXIT_TAG = "polyproof:l1";
    bytes32 private constant SYSTEM_PROGRAM = 0;
    /// Of the account's meta above lamports and rent epoch: no data, not executable, the owner's last byte 0, and the 8 that
    /// the tree commits to in every account
    uint256 private constant PLAIN = 8 << 80;

    /// @inheritdoc IForcedInbox
    ISettlement public immutable settlement;
    /// @inheritdoc IForcedInbox
    IBridge public immutable bridge;
    /// @inheritdoc IForcedInbox
    uint256 public immutable feeWei;
    /// @inheritdoc IForcedInbox
    uint64 public immutable lamportsPerSignature;
    /// @inheritdoc IForcedInbox
    uint32 public immutable deadlineBlocks;
    /// @inheritdoc IForcedInbox
    uint32 public immutable spacingBlocks;

    /// @inheritdoc IForcedInbox
    uint64 public entryCount;
    /// @inheritdoc IForcedInbox
    uint64 public nextEntry;
    mapping(uint64 index => Entry) private _entries;
    /// @inheritdoc IForcedInbox
    mapping(bytes32 payer => uint64) public nonceOf;

    /// @param settlement_ The rollup's settlement contract, which need not be there yet
    /// @param bridge_ The rollup's bridge, which need not be there yet
    constructor(
        ISettlement settlement_,
        IBridge bridge_,
        uint256 feeWei_,
        uint64 lamportsPerSignature_,
        uint32 deadlineBlocks_,
        uint32 spacingBlocks_
    ) {
        if (address(settlement_) == address(0)) {
            revert InvalidInbox("settlement");
        }
        if (address(bridge_) == address(0)) revert InvalidInbox("bridge");
        if (deadlineBlocks_ == 0) revert InvalidInbox("deadlineBlocks");
        settlement = settlement_;
        bridge = bridge_;
        feeWei = feeWei_;
        lamportsPerSignature = lamportsPerSignature_;
        deadlineBlocks = deadlineBlocks_;
        spacingBlocks = spacingBlocks_;
    }

    /// @inheritdoc IForcedInbox
    function force(bytes32 payer, address recipient, uint64 lamports, bytes32 signatureR, bytes32 signatureS)
        external
        payable
        returns (uint64 index)
    {
        if (msg.value != feeWei) revert WrongFee(msg.value, feeWei);
        if (lamports < LEAST_LAMPORTS) revert WithdrawalTooSmall(lamports, LEAST_LAMPORTS);
        uint64 nonce = nonceOf[payer];
        bytes memory message = messageOf(payer, recipient, lamports);
        if (!Ed25519.verify(message, payer, signatureR, signatureS)) revert WrongSignature(payer, nonce);

        nonceOf[payer] = nonce + 1;
        index = entryCount++;
        uint64 dueBlock = uint64(block.number) + deadlineBlocks;
        if (index != 0) {
            uint64 earliest = _entries[index - 1].dueBlock + spacingBlocks;
            if (dueBlock < earliest) dueBlock = earliest;
        }
        _entries[index] = Entry({
            dataHash: keccak256(_batchOf(payer, recipient, lamports, nonce)),
            payer: payer,
            blockNumber: uint64(block.number),
            dueBlock: dueBlock
        });
        emit WithdrawalForced(index, payer, recipient, lamports, nonce, dueBlock, signatureR, signatureS);
        settlement.fundRewards{value: msg.value}();
    }

    /// @inheritdoc IForcedInbox
    function voidNext(AccountValue calldata shown, StateTree.Proof calldata proof) external {
        uint64 index = nextEntry;
        if (index == entryCount) revert NothingForced();
        ISequences.State memory state = settlement.state();
        bool isNewest = state.verifiedSequence == state.lastSequence;
        if (
            !isNewest
                && settlement.sequenceOf(state.verifiedSequence).blockNumber <= _entries[index].blockNumber
        ) {
            revert StateTooOld(index, state.verifiedSequence);
        }
        bytes memory table = Poseidon2.constants();
        (uint256 root, bool exists) = StateTree.rootOf(table, _entries[index].payer, proof);
        if (bytes32(root) != state.verifiedStateRoot) {
            revert WrongState(bytes32(root), state.verifiedStateRoot);
        }
        if (exists) {
            uint256 value = StateTree.valueOf(table, shown.meta, shown.owner, shown.dataHash);
            if (value != proof.value) revert WrongAccount(value, proof.value);
            if (_canPay(shown)) revert CanPay(index);
        }
        nextEntry = index + 1;
        emit WithdrawalVoided(index);
    }

    /// @inheritdoc IForcedInbox
    function consume(bytes[] calldata batches) external returns (bool[] memory isForced) {
        if (msg.sender != address(bridge)) revert NotBridge(msg.sender, address(bridge));
        isForced = new bool[](batches.length);
        uint64 first = nextEntry;
        uint64 end = entryCount;
        uint64 next = first;
        for (uint256 i = 0; i < batches.length && next != end; i++) {
            if (keccak256(batches[i]) == _entries[next].dataHash) {
                isForced[i] = true;
                next++;
            } else if (block.number > _entries[next].dueBlock) {
                revert WithdrawalOverdue(i, next);
            }
        }
        if (next == first) return isForced;
        nextEntry = next;
        emit WithdrawalsIncluded(first, next);
    }

    /// @inheritdoc IForcedInbox
    function entryOf(uint64 index) external view returns (Entry memory) {
        return _entries[index];
    }

    /// @inheritdoc IForcedInbox
    function messageOf(bytes32 payer, address recipient, uint64 lamports) public view returns (bytes memory) {
        return abi.encodePacked(
            // One signer, one read-only account without signature, three accounts
            hex"01000103",
            payer,
            EXIT_TAG,
            recipient,
            SYSTEM_PROGRAM,
            blockhashOf(payer, nonceOf[payer]),
            // One instruction, of the third account, with the first two, and with 12 bytes of data
            hex"01020200010c",
            _transfer(lamports)
        );
    }

    /// @inheritdoc IForcedInbox
    function blockhashOf(bytes32 payer, uint64 nonce) public view returns (bytes32) {
        return keccak256(abi.encode("polyproof:forced", block.chainid, address(this), payer, nonce));
    }

    /// The batch that consists of this message alone, in the compact form: see the formats in ARCHITECTURE.md.
    function _batchOf(bytes32 payer, address recipient, uint64 lamports, uint64 nonce)
        private
        view
        returns (bytes memory)
    {
        return abi.encodePacked(
            // Four values, one transaction
            hex"00040001",
            payer,
            EXIT_TAG,
            recipient,
            SYSTEM_PROGRAM,
            blockhashOf(payer, nonce),
            // The last of its block, with three accounts, one of them read-only; one instruction
            hex"83000101",
            // Its accounts and its blockhash: the values in their order
            hex"00010203",
            // The program, two accounts, 12 bytes of data; the accounts
            hex"02020c0001",
            _transfer(lamports),
            // No deposits
            hex"00"
        );
    }

    /// System instruction 2 and its lamports, little-endian
    function _transfer(uint64 lamports) private pure returns (bytes memory) {
        uint64 reversed = 0;
        for (uint256 i = 0; i < 8; i++) {
            reversed = (reversed << 8) | ((lamports >> (8 * i)) & 0xff);
        }
        return abi.encodePacked(hex"02000000", reversed);
    }

    /// Whether a batch can hold a transaction that this account pays for, which may then fail
    function _canPay(AccountValue calldata account) private view returns (bool) {
        bool isPlain = account.meta >> 128 == PLAIN && account.owner == 0 && account.dataHash == 0;
        uint64 lamports = uint64(account.meta);
        if (!isPlain || lamports < lamportsPerSignature) return false;
        uint64 left = lamports - lamportsPerSignature;
        return left == 0 || left >= LEAST_LAMPORTS;
    }
}
