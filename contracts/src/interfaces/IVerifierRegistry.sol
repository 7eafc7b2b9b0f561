// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point, G2Point} from "../libraries/Bn254.sol";

/// @title The verifiers of proofs: their keys, their stake, what they sign together, what they earn
/// @notice Verifiers sign with BLS keys. Who belongs to the set changes between epochs only, but for who is slashed, so that
/// a signature that was made is good for the whole epoch, and after it too, with others absent. A certificate is the sum of
/// signatures by at least two thirds of the stake and two thirds of the verifiers.
///
/// Fees of what a certificate answers are shared by stake among those who signed it. Who is absent too often is put out of
/// the set; who signed what is wrong loses stake. Both is the service's to say, which is fixed.
interface IVerifierRegistry {
    /// @notice A verifier: on its way into the set, in it, on its way out of it, or out
    enum Status {
        None,
        Joining,
        Active,
        Leaving,
        Left
    }

    struct Config {
        /// least stake of a verifier (in wei)
        uint96 minimumStake;
        /// blocks of an epoch, at least
        uint48 epochBlocks;
        /// blocks between leaving the set and the withdrawal of the stake
        uint48 unbondingBlocks;
        /// certificates among which absences are counted
        uint40 absenceWindow;
        /// absences among them that put a verifier out
        uint16 absenceLimit;
        /// where the rest of slashed stake goes; an address without a key burns it
        address treasury;
        /// who asks for certificates, and says who is slashed
        address service;
    }

    /// @notice What a certificate shows.
    struct Certificate {
        /// of the set that signed
        uint40 epoch;
        /// verifiers of the set that did not sign, by number, ascending
        uint32[] absent;
        /// sum of the keys that signed, in the second group
        G2Point key;
        /// sum of the signatures
        G1Point signature;
    }

    struct Verifier {
        G1Point key;
        /// at risk (in wei)
        uint96 stake;
        /// first epoch in the set, and first one out of it; 0 for none
        uint40 joined;
        uint40 left;
        /// absences since certificate `window`
        uint40 window;
        uint16 absences;
        Status status;
        /// fees (in wei) that it can claim, but for those since it was counted last
        uint128 credit;
        /// what a wei of stake had earned until then, times 2^64
        uint128 counted;
        address account;
        uint48 withdrawableAt;
    }

    /// @notice A verifier joins with the next epoch.
    /// @param index Its number; numbers are not used again
    /// @param account Who staked for it, and earns
    /// @param endpoint Where other verifiers reach it
    event VerifierJoining(
        uint256 indexed index,
        address indexed account,
        uint256 stakeWei,
        G1Point key1,
        G2Point key2,
        string endpoint
    );

    /// @notice A verifier leaves with the next epoch; `ejected` when it was absent too often.
    event VerifierLeaving(uint256 indexed index, bool ejected);

    /// @notice A verifier is in the set from `epoch` on.
    event VerifierEntered(uint256 indexed index, uint40 epoch);

    /// @notice A verifier is out of the set from `epoch` on, and may withdraw from block `withdrawableAt` on.
    event VerifierLeft(uint256 indexed index, uint40 epoch, uint48 withdrawableAt);

    /// @notice Two thirds agreed on `digest`, and share `feeWei`.
    event Certified(bytes32 indexed digest, uint40 epoch, uint256 signedStakeWei, uint256 feeWei);

    /// @notice A verifier lost `takenWei`, of which whoever showed why gets `bountyWei` (in wei).
    event VerifierSlashed(
        uint256 indexed index, address indexed challenger, uint256 takenWei, uint256 bountyWei
    );

    /// @notice `amountWei` (in wei) was paid: fees, bounties, or stake that left.
    event Paid(address indexed account, uint256 amountWei);

    /// @notice `field` of the configuration cannot work.
    error InvalidNetworkConfig(string field);

    /// @notice The stake sent (in wei) is below the minimum (in wei).
    error InsufficientStake(uint256 sent, uint256 minimum);

    /// @notice The account has a verifier that has not left, or has not withdrawn.
    error AlreadyVerifier(address account);

    /// @notice The key belongs to another verifier, now or before.
    error KeyInUse(uint256 x, uint256 y);

    /// @notice The signature does not show that the account has the key, in both groups.
    error KeyNotShown(address account);

    /// @notice The verifier is not in the set, so it cannot leave it or be absent from it.
    error NotActive(uint256 index);

    /// @notice The account has no verifier.
    error NotVerifier(address account);

    /// @notice The epoch lasts until block `endsAt`.
    error EpochNotOver(uint256 blockNumber, uint256 endsAt);

    /// @notice The certificate is of another epoch than the present one.
    error WrongEpoch(uint40 actual, uint40 expected);

    /// @notice Absent verifiers have to be in ascending order, each once.
    error AbsentNotAscending(uint256 index);

    /// @notice Two thirds of the stake (in wei) and of the verifiers have to sign.
    error NoQuorum(uint256 signedStake, uint256 totalStake, uint256 signers, uint256 verifiers);

    /// @notice The signature is not one of the digest by those who are said to have signed.
    error WrongSignature(bytes32 digest);

    /// @notice Only the service may do this.
    error NotService(address caller);

    /// @notice The account has nothing to be paid.
    error NothingToPay(address account);

    /// @notice The stake may be withdrawn from block `withdrawableAt` on.
    error StillUnbonding(uint256 index, uint256 blockNumber, uint256 withdrawableAt);

    /// @notice The account refused the payment (in wei).
    error PaymentRefused(address account, uint256 amountWei);

    /// @notice Makes the caller a verifier with the next epoch, with the value sent as its stake.
    /// @dev Reverts with {InsufficientStake}, {AlreadyVerifier}, {KeyInUse} or {KeyNotShown}.
    /// @param key1 Its key in the first group
    /// @param key2 The same key in the second group
    /// @param signature The key's signature of {joinDigest} of the caller: without it, a key that is made up from those of
    /// others could sign for all of them
    /// @param endpoint Where other verifiers reach it
    /// @return index Its number
    function join(
        G1Point calldata key1,
        G2Point calldata key2,
        G1Point calldata signature,
        string calldata endpoint
    ) external payable returns (uint256 index);

    /// @notice Takes the caller's verifier out of the set with the next epoch.
    /// @dev Reverts with {NotVerifier} or {NotActive}.
    function leave() external;

    /// @notice Begins the next epoch with at most `limit` of the changes that wait, in their order. For anybody. Without
    /// changes the epoch goes on.
    /// @dev Reverts with {EpochNotOver}.
    function advance(uint256 limit) external;

    /// @notice Checks a certificate, and shares the value sent among those who signed. For the service.
    /// @dev Reverts with {NotService}, {WrongEpoch}, {AbsentNotAscending}, {NotActive}, {NoQuorum} or {WrongSignature}.
    function certify(bytes32 digest, Certificate calldata certificate) external payable;

    /// @notice Takes `shareBps` hundredths of a per cent of a verifier's stake, a `bountyBps` share of which goes to
    /// `challenger`, and puts it out of the set at once. For the service.
    /// @dev Reverts with {NotService}. One that has withdrawn has nothing to lose.
    /// @return takenWei What was taken (in wei)
    function slash(uint256 index, uint256 shareBps, uint256 bountyBps, address challenger)
        external
        returns (uint256 takenWei);

    /// @notice Pays the caller its fees and bounties.
    /// @dev Reverts with {NothingToPay} or {PaymentRefused}.
    function claim() external returns (uint256 amountWei);

    /// @notice Pays the caller the stake of a verifier that left.
    /// @dev Reverts with {NotVerifier}, {NotActive} while it has not left, {StillUnbonding} or {PaymentRefused}.
    function withdraw() external returns (uint256 amountWei);

    /// @notice What an account's key signs to join
    function joinDigest(address account) external view returns (bytes32);

    /// @notice Whether `key2` is the verifier's key, and alone has signed a digest
    function hasSigned(uint256 index, bytes32 digest, G2Point calldata key2, G1Point calldata signature)
        external
        view
        returns (bool);

    /// @notice Whether a verifier is among those who signed a digest together, by a certificate of any epoch, with or without
    /// a quorum
    function haveSigned(uint256 index, bytes32 digest, Certificate calldata certificate)
        external
        view
        returns (bool);

    /// @notice Whether a verifier was in the set of an epoch
    function wasMember(uint256 index, uint40 epoch) external view returns (bool);

    /// @notice Fees and bounties (in wei) that an account could claim now
    function claimable(address account) external view returns (uint256 amountWei);

    /// @notice What is known of a verifier
    function verifierOf(uint256 index) external view returns (Verifier memory);

    /// @notice The present set: its epoch, the epoch's first block, how many verifiers, with which stake (in wei), and the
    /// sum of their keys
    function set()
        external
        view
        returns (uint40 epoch, uint48 startedAt, uint32 count, uint96 stakeWei, G1Point memory key);
}
