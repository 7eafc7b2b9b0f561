// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Sequences} from "./Sequences.sol";
import {IBlobSequences} from "./interfaces/IBlobSequences.sol";

/// @title Sequences whose batches are in blobs
abstract contract BlobSequences is Sequences, IBlobSequences {
    /// @inheritdoc IBlobSequences
    bool public immutable allowsBlobs;

    /// @inheritdoc IBlobSequences
    mapping(uint64 sequence => bytes32) public blobsOf;

    constructor(bool allowsBlobs_) {
        allowsBlobs = allowsBlobs_;
    }

    /// @inheritdoc IBlobSequences
    function sequenceBlobs(uint64 firstBatch, bytes32[] calldata dataHashes, bytes32 claimedStateRoot)
        external
        returns (uint64 sequenceNumber)
    {
        if (!allowsBlobs) revert BlobsNotAllowed();
        Checkpoint memory previous = _requireNext(firstBatch, dataHashes.length, claimedStateRoot);
        bytes32[] memory blobHashes = _blobHashes();
        for (uint256 i = 0; i < dataHashes.length; i++) {
            if (dataHashes[i][0] != 0) revert InvalidDataHash(i, dataHashes[i]);
        }

        sequenceNumber =
            _append(previous, dataHashes.length, dataHashes[dataHashes.length - 1], claimedStateRoot);
        blobsOf[sequenceNumber] = keccak256(abi.encodePacked(blobHashes));
        emit BlobsSequenced(sequenceNumber, dataHashes, blobHashes);
    }

    function _blobHashes() private view returns (bytes32[] memory hashes) {
        uint256 count = 0;
        while (blobhash(count) != 0) count++;
        if (count == 0) revert NoBlobs();
        hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            hashes[i] = blobhash(i);
        }
    }
}
