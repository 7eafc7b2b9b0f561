// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Sequences whose batches are in blobs (EIP-4844)
/// @notice A contract cannot read blobs. The sequencer says what the data hash after each batch is; a proof binds
/// those bytes, whatever they are, and the transaction's blobs are recorded beside them. That the blobs hold those
/// bytes is not proved yet: whoever follows the rollup has to compare them. If they differ, the rollup's data is
/// not available, and its state cannot be told by anybody but the sequencer. So a rollup has to choose blobs.
interface IBlobSequences {
    /// @notice Goes with {SequenceSubmitted}.
    /// @param dataHashes Data hash after each batch, as the sequencer says
    /// @param blobHashes Versioned hashes of the transaction's blobs, in order
    event BlobsSequenced(uint64 indexed sequence, bytes32[] dataHashes, bytes32[] blobHashes);

    /// @notice This rollup takes its data as calldata only.
    error BlobsNotAllowed();

    /// @notice The transaction carries no blob.
    error NoBlobs();

    /// @notice Data hashes have their most significant byte cleared; that at `index` has not.
    error InvalidDataHash(uint256 index, bytes32 dataHash);

    /// @notice Submits consecutive batches that follow the last ones, with their data in the blobs of the transaction.
    /// @dev Reverts, in the order of the checks, with {BlobsNotAllowed}, as {sequence} does, or with {NoBlobs} or
    /// {InvalidDataHash}.
    /// @param firstBatch Number of the first of the batches
    /// @param dataHashes Data hash after each batch
    /// @param claimedStateRoot State root after the last of them
    function sequenceBlobs(uint64 firstBatch, bytes32[] calldata dataHashes, bytes32 claimedStateRoot)
        external
        returns (uint64 sequenceNumber);

    /// @notice Whether the rollup takes its data in blobs as well
    function allowsBlobs() external view returns (bool);

    /// @notice keccak256 of the versioned hashes of a sequence's blobs, one after the other; 0 for calldata
    function blobsOf(uint64 sequenceNumber) external view returns (bytes32);
}
