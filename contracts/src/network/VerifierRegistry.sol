// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IVerifierRegistry} from "../interfaces/IVerifierRegistry.sol";
import {Bn254, G1Point, G2Point} from "../libraries/Bn254.sol";

/// @title The verifiers of proofs
/// @notice See {IVerifierRegistry} for the rules.
/// @dev An absent verifier costs a certificate four slots: its key, its stake with its absences, its earnings. Amounts are of
/// ETH that exists, so they fit into 96 bits.
contract VerifierRegistry is IVerifierRegistry {
    struct Set {
        uint40 epoch;
        uint48 startedAt;
        uint32 count;
        uint96 stake;
    }

    uint256 private constant BPS = 10_000;
    bytes32 private constant JOIN = keccak256("Polyproof network: join");

    uint96 public immutable minimumStake;
    uint48 public immutable epochBlocks;
    uint48 public immutable unbondingBlocks;
    uint40 public immutable absenceWindow;
    uint16 public immutable absenceLimit;
    address public immutable treasury;
    address public immutable service;

    Set private _set;
    /// Of each epoch: the sum of its verifiers' keys, so that what they signed can be shown later
    mapping(uint40 epoch => G1Point) private _keys;
    /// What a wei of stake has earned, times 2^64, plus one: a slot that is never empty is cheaper to write
    uint128 private _earned = 1;
    uint40 public certificates;

    Verifier[] private _verifiers;
    mapping(address account => uint256 indexPlusOne) private _indexes;
    mapping(bytes32 key => bool) private _known;
    mapping(address account => uint256 amountWei) private _bounties;
    /// Verifiers that join or leave with the next epoch, in their order
    uint32[] private _queue;
    uint256 private _queueHead;

    constructor(Config memory config) {
        if (config.minimumStake == 0) revert InvalidNetworkConfig("minimumStake");
        if (config.epochBlocks == 0) revert InvalidNetworkConfig("epochBlocks");
        if (config.unbondingBlocks == 0) revert InvalidNetworkConfig("unbondingBlocks");
        if (config.absenceLimit == 0) revert InvalidNetworkConfig("absenceLimit");
        if (config.absenceWindow < config.absenceLimit) revert InvalidNetworkConfig("absenceWindow");
        if (config.treasury == address(0)) revert InvalidNetworkConfig("treasury");
        if (config.service == address(0)) revert InvalidNetworkConfig("service");
        minimumStake = config.minimumStake;
        epochBlocks = config.epochBlocks;
        unbondingBlocks = config.unbondingBlocks;
        absenceWindow = config.absenceWindow;
        absenceLimit = config.absenceLimit;
        treasury = config.treasury;
        service = config.service;
    }

    modifier onlyService() {
        if (msg.sender != service) revert NotService(msg.sender);
        _;
    }

    /// @inheritdoc IVerifierRegistry
    function join(
        G1Point calldata key1,
        G2Point calldata key2,
        G1Point calldata signature,
        string calldata endpoint
    ) external payable returns (uint256 index) {
        if (msg.value < minimumStake) {
            revert InsufficientStake(msg.value, minimumStake);
        }
        if (_indexes[msg.sender] != 0) revert AlreadyVerifier(msg.sender);
        bytes32 id = keccak256(abi.encode(key1));
        if (_known[id]) revert KeyInUse(key1.x, key1.y);
        if (!Bn254.isSigned(joinDigest(msg.sender), key1, key2, signature)) revert KeyNotShown(msg.sender);

        index = _verifiers.length;
        _known[id] = true;
        _indexes[msg.sender] = index + 1;
        Verifier storage verifier = _verifiers.push();
        verifier.key = key1;
        verifier.stake = uint96(msg.value);
        verifier.account = msg.sender;
        verifier.status = Status.Joining;
        _queue.push(uint32(index));
        emit VerifierJoining(index, msg.sender, msg.value, key1, key2, endpoint);
    }

    /// @inheritdoc IVerifierRegistry
    function leave() external {
        uint256 index = _indexOf(msg.sender);
        Verifier storage verifier = _verifiers[index];
        if (verifier.status != Status.Active) revert NotActive(index);
        _leave(verifier, index, false);
    }

    /// @inheritdoc IVerifierRegistry
    function advance(uint256 limit) external {
        Set memory current = _set;
        uint256 endsAt = uint256(current.startedAt) + epochBlocks;
        if (block.number < endsAt && current.epoch != 0) revert EpochNotOver(block.number, endsAt);
        uint256 head = _queueHead;
        uint256 end = _queue.length - head > limit ? head + limit : _queue.length;
        if (head == end) return;

        G1Point memory key = _keys[current.epoch++];
        current.startedAt = uint48(block.number);
        for (; head < end; head++) {
            uint256 index = _queue[head];
            Verifier storage verifier = _verifiers[index];
            // One that was slashed meanwhile is out already.
            if (verifier.status == Status.Joining) {
                verifier.status = Status.Active;
                verifier.joined = current.epoch;
                verifier.counted = _earned;
                verifier.window = certificates;
                current.count++;
                current.stake += verifier.stake;
                key = Bn254.add(key, verifier.key);
                emit VerifierEntered(index, current.epoch);
            } else if (verifier.status == Status.Leaving) {
                key = _remove(current, key, verifier, index);
            }
        }
        _queueHead = head;
        _set = current;
        _keys[current.epoch] = key;
    }

    /// @inheritdoc IVerifierRegistry
    function certify(bytes32 digest, Certificate calldata certificate) external payable onlyService {
        Set memory current = _set;
        if (certificate.epoch != current.epoch) revert WrongEpoch(certificate.epoch, current.epoch);
        uint256 absent = certificate.absent.length;
        uint256 signedStake = current.stake;
        G1Point memory key = _keys[current.epoch];
        for (uint256 i = 0; i < absent; i++) {
            uint256 index = certificate.absent[i];
            if (i != 0 && index <= certificate.absent[i - 1]) revert AbsentNotAscending(index);
            Verifier storage verifier = _verifiers[index];
            if (!_isIn(verifier)) revert NotActive(index);
            signedStake -= verifier.stake;
            key = Bn254.add(key, Bn254.negate(verifier.key));
        }
        uint256 signers = current.count - absent;
        if (signers == 0 || 3 * signedStake < 2 * uint256(current.stake) || 3 * signers < 2 * current.count) {
            revert NoQuorum(signedStake, current.stake, signers, current.count);
        }
        if (!Bn254.isSigned(digest, key, certificate.key, certificate.signature)) {
            revert WrongSignature(digest);
        }

        uint128 share = uint128((msg.value << 64) / signedStake);
        if (share != 0) _earned += share;
        uint40 number = ++certificates;
        for (uint256 i = 0; i < absent; i++) {
            _missed(certificate.absent[i], share, number);
        }
        emit Certified(digest, current.epoch, signedStake, msg.value);
    }

    /// @inheritdoc IVerifierRegistry
    function slash(uint256 index, uint256 shareBps, uint256 bountyBps, address challenger)
        external
        onlyService
        returns (uint256 takenWei)
    {
        Verifier storage verifier = _verifiers[index];
        if (_isIn(verifier)) {
            Set memory current = _set;
            G1Point memory key = _keys[current.epoch++];
            _keys[current.epoch] = _remove(current, key, verifier, index);
            _set = current;
        } else if (verifier.status == Status.Joining) {
            verifier.status = Status.Left;
            verifier.withdrawableAt = uint48(block.number) + unbondingBlocks;
        }
        takenWei = uint256(verifier.stake) * shareBps / BPS;
        uint256 bountyWei = takenWei * bountyBps / BPS;
        verifier.stake -= uint96(takenWei);
        _bounties[challenger] += bountyWei;
        _bounties[treasury] += takenWei - bountyWei;
        emit VerifierSlashed(index, challenger, takenWei, bountyWei);
    }

    /// @inheritdoc IVerifierRegistry
    function claim() external returns (uint256 amountWei) {
        amountWei = claimable(msg.sender);
        if (amountWei == 0) revert NothingToPay(msg.sender);
        uint256 known = _indexes[msg.sender];
        if (known != 0) {
            Verifier storage verifier = _verifiers[known - 1];
            verifier.credit = 0;
            if (_isIn(verifier)) verifier.counted = _earned;
        }
        delete _bounties[msg.sender];
        _pay(amountWei);
    }

    /// @inheritdoc IVerifierRegistry
    function withdraw() external returns (uint256 amountWei) {
        uint256 index = _indexOf(msg.sender);
        Verifier storage verifier = _verifiers[index];
        if (verifier.status != Status.Left) revert NotActive(index);
        if (block.number < verifier.withdrawableAt) {
            revert StillUnbonding(index, block.number, verifier.withdrawableAt);
        }
        amountWei = uint256(verifier.stake) + verifier.credit;
        // Its number stays its own, the account is free for another one.
        verifier.stake = 0;
        verifier.credit = 0;
        delete _indexes[msg.sender];
        if (amountWei != 0) _pay(amountWei);
    }

    /// @inheritdoc IVerifierRegistry
    function hasSigned(uint256 index, bytes32 digest, G2Point calldata key2, G1Point calldata signature)
        external
        view
        returns (bool)
    {
        return Bn254.isSigned(digest, _verifiers[index].key, key2, signature);
    }

    /// @inheritdoc IVerifierRegistry
    function haveSigned(uint256 index, bytes32 digest, Certificate calldata certificate)
        external
        view
        returns (bool)
    {
        if (!wasMember(index, certificate.epoch)) return false;
        G1Point memory key = _keys[certificate.epoch];
        for (uint256 i = 0; i < certificate.absent.length; i++) {
            uint256 absent = certificate.absent[i];
            // Nobody is left out twice, or without having been there: what is left is who signed.
            if (i != 0 && absent <= certificate.absent[i - 1]) return false;
            if (absent == index || !wasMember(absent, certificate.epoch)) return false;
            key = Bn254.add(key, Bn254.negate(_verifiers[absent].key));
        }
        return Bn254.isSigned(digest, key, certificate.key, certificate.signature);
    }

    /// @inheritdoc IVerifierRegistry
    function verifierOf(uint256 index) external view returns (Verifier memory) {
        return _verifiers[index];
    }

    /// @inheritdoc IVerifierRegistry
    function set()
        external
        view
        returns (uint40 epoch, uint48 startedAt, uint32 count, uint96 stakeWei, G1Point memory key)
    {
        Set memory current = _set;
        return (current.epoch, current.startedAt, current.count, current.stake, _keys[current.epoch]);
    }

    /// @inheritdoc IVerifierRegistry
    function wasMember(uint256 index, uint40 epoch) public view returns (bool) {
        Verifier storage verifier = _verifiers[index];
        return
            verifier.joined != 0 && verifier.joined <= epoch && (verifier.left == 0 || epoch < verifier.left);
    }

    /// @inheritdoc IVerifierRegistry
    function claimable(address account) public view returns (uint256 amountWei) {
        amountWei = _bounties[account];
        uint256 known = _indexes[account];
        if (known == 0) return amountWei;
        Verifier storage verifier = _verifiers[known - 1];
        amountWei += _isIn(verifier) ? _credit(verifier) : verifier.credit;
    }

    /// @inheritdoc IVerifierRegistry
    function joinDigest(address account) public view returns (bytes32) {
        return keccak256(abi.encode(JOIN, block.chainid, address(this), account));
    }

    /// Gives an absent verifier nothing of a fee, and puts it out when that happens too often.
    function _missed(uint256 index, uint128 share, uint40 number) private {
        Verifier storage verifier = _verifiers[index];
        if (share != 0) verifier.counted += share;
        (uint40 window, uint16 absences) = (verifier.window, verifier.absences);
        if (number - window > absenceWindow) (window, absences) = (number - 1, 0);
        absences++;
        verifier.window = window;
        verifier.absences = absences;
        if (absences >= absenceLimit && verifier.status == Status.Active) _leave(verifier, index, true);
    }

    function _leave(Verifier storage verifier, uint256 index, bool ejected) private {
        verifier.status = Status.Leaving;
        _queue.push(uint32(index));
        emit VerifierLeaving(index, ejected);
    }

    /// Takes a verifier out of a set, whose key it returns.
    function _remove(Set memory current, G1Point memory key, Verifier storage verifier, uint256 index)
        private
        returns (G1Point memory)
    {
        verifier.credit = uint128(_credit(verifier));
        verifier.left = current.epoch;
        verifier.withdrawableAt = uint48(block.number) + unbondingBlocks;
        verifier.status = Status.Left;
        current.count--;
        current.stake -= verifier.stake;
        emit VerifierLeft(index, current.epoch, verifier.withdrawableAt);
        return Bn254.add(key, Bn254.negate(verifier.key));
    }

    function _pay(uint256 amountWei) private {
        emit Paid(msg.sender, amountWei);
        (bool paid,) = msg.sender.call{value: amountWei}("");
        if (!paid) revert PaymentRefused(msg.sender, amountWei);
    }

    /// What a verifier in the set can claim (in wei)
    function _credit(Verifier storage verifier) private view returns (uint256) {
        return verifier.credit + ((uint256(verifier.stake) * (_earned - verifier.counted)) >> 64);
    }

    function _indexOf(address account) private view returns (uint256) {
        uint256 known = _indexes[account];
        if (known == 0) revert NotVerifier(account);
        return known - 1;
    }

    function _isIn(Verifier storage verifier) private view returns (bool) {
        return verifier.status == Status.Active || verifier.status == Status.Leaving;
    }
}
