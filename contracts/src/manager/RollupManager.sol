// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPausing} from "../interfaces/IPausing.sol";
import {IRollupManager} from "../interfaces/IRollupManager.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITimelock} from "../interfaces/ITimelock.sol";
import {IUpgradeable} from "../interfaces/IUpgradeable.sol";
import {SettlementProxy} from "./SettlementProxy.sol";

/// @title Manager of rollups
/// @notice See {IRollupManager} for the rules.
contract RollupManager is IRollupManager {
    /// Blocks in which a rollup has to have been running before an upgrade, after a pause of the guardian alone: a week
    /// of 12-second blocks. An announcement lives for three weeks and a pause takes one of them; the next one comes
    /// after 30 days at the earliest: a guardian can put an upgrade off, but not prevent it.
    uint64 public constant EXIT_WINDOW = 50_400;

    /// @inheritdoc IRollupManager
    ITimelock public immutable timelock;
    /// @inheritdoc IRollupManager
    address public guardian;

    struct Entry {
        ISettlement settlement;
        /// What the proxy cannot be asked for
        address implementation;
    }

    mapping(uint256 rollupId => Entry) private _entries;
    uint256[] private _rollupIds;

    constructor(ITimelock timelock_, address guardian_) {
        if (address(timelock_).code.length == 0) revert InvalidTimelock(address(timelock_));
        timelock = timelock_;
        guardian = guardian_;
        emit GuardianSet(guardian_);
    }

    modifier onlyTimelock() {
        _require(msg.sender == address(timelock), "timelock");
        _;
    }

    modifier onlyAdmin() {
        _require(_isAdmin(), "admin");
        _;
    }

    modifier onlyGuardian() {
        _require(msg.sender == guardian, "guardian");
        _;
    }

    /// @inheritdoc IRollupManager
    function register(ISettlement implementation, ISettlement.Genesis calldata genesis)
        external
        onlyAdmin
        returns (ISettlement settlement)
    {
        if (implementation.manager() != address(this)) {
            revert WrongImplementation(address(implementation), "manager");
        }
        uint256 rollupId = implementation.rollupId();
        Entry storage entry = _entries[rollupId];
        if (address(entry.settlement) != address(0)) {
            revert AlreadyRegistered(rollupId, address(entry.settlement));
        }

        bytes memory initialisation = abi.encodeCall(ISettlement.initialise, (genesis));
        settlement = ISettlement(address(new SettlementProxy(address(implementation), initialisation)));
        entry.settlement = settlement;
        entry.implementation = address(implementation);
        _rollupIds.push(rollupId);
        emit RollupRegistered(rollupId, address(settlement), address(implementation));
    }

    /// @inheritdoc IRollupManager
    function upgrade(uint256 rollupId, ISettlement implementation, bytes calldata migration)
        external
        onlyTimelock
    {
        ISettlement settlement = settlementOf(rollupId);
        if (implementation.manager() != address(this)) {
            revert WrongImplementation(address(implementation), "manager");
        }
        if (implementation.rollupId() != rollupId) {
            revert WrongImplementation(address(implementation), "rollupId");
        }
        IPausing.Pause memory last = settlement.pauseOf();
        uint256 earliest = uint256(last.until) + EXIT_WINDOW + 1;
        if (last.byGuardianAlone && block.number < earliest) {
            revert UpgradeDuringPause(block.number, earliest);
        }

        _entries[rollupId].implementation = address(implementation);
        emit RollupUpgraded(rollupId, address(implementation));
        IUpgradeable(address(settlement)).upgradeTo(address(implementation), migration);
        settlement.beginEpoch();
    }

    /// @inheritdoc IRollupManager
    function resolveDisagreement(uint256 rollupId, uint64 firstSequence, bytes32[] calldata claimedStateRoots)
        external
        onlyTimelock
    {
        settlementOf(rollupId).resolveDisagreement(firstSequence, claimedStateRoots);
    }

    /// @inheritdoc IRollupManager
    function setGuardian(address guardian_) external onlyTimelock {
        guardian = guardian_;
        emit GuardianSet(guardian_);
    }

    /// @inheritdoc IRollupManager
    function pause(uint256 rollupId) external onlyGuardian {
        ISettlement settlement = settlementOf(rollupId);
        emit RollupPaused(rollupId);
        settlement.pause();
    }

    /// @inheritdoc IRollupManager
    function pauseAll(uint256 first, uint256 count) external onlyGuardian {
        uint256[] memory rollupIds = rollups(first, count);
        for (uint256 i = 0; i < rollupIds.length; i++) {
            // One that is paused, halted or in its cooldown does not keep the others from being paused.
            try _entries[rollupIds[i]].settlement.pause() {
                emit RollupPaused(rollupIds[i]);
            } catch {}
        }
    }

    /// @inheritdoc IRollupManager
    function extendPause(uint256 rollupId, uint64 until) external onlyAdmin {
        settlementOf(rollupId).extendPause(until);
    }

    /// @inheritdoc IRollupManager
    function resume(uint256 rollupId) external {
        ISettlement settlement = settlementOf(rollupId);
        if (!_isAdmin()) {
            _require(msg.sender == guardian, "guardian");
            if (!settlement.pauseOf().byGuardianAlone) revert PauseProlonged(rollupId);
        }
        settlement.resume();
    }

    /// @inheritdoc IRollupManager
    function waiveCooldown(uint256 rollupId) external onlyAdmin {
        settlementOf(rollupId).waiveCooldown();
    }

    /// @inheritdoc IRollupManager
    function rollupOf(uint256 rollupId) external view returns (Rollup memory) {
        ISettlement settlement = settlementOf(rollupId);
        return Rollup({
            settlement: settlement,
            implementation: _entries[rollupId].implementation,
            verifier: address(settlement.verifier()),
            policy: settlement.policy(),
            rewardSource: address(settlement),
            operators: address(settlement.operators()),
            sequencer: settlement.sequencer(),
            pause: settlement.pauseOf()
        });
    }

    /// @inheritdoc IRollupManager
    function rollupCount() external view returns (uint256) {
        return _rollupIds.length;
    }

    /// @inheritdoc IRollupManager
    function rollups(uint256 first, uint256 count) public view returns (uint256[] memory rollupIds) {
        uint256 total = _rollupIds.length;
        uint256 rest = first < total ? total - first : 0;
        rollupIds = new uint256[](count < rest ? count : rest);
        for (uint256 i = 0; i < rollupIds.length; i++) {
            rollupIds[i] = _rollupIds[first + i];
        }
    }

    /// @inheritdoc IRollupManager
    function settlementOf(uint256 rollupId) public view returns (ISettlement settlement) {
        settlement = _entries[rollupId].settlement;
        if (address(settlement) == address(0)) revert UnknownRollup(rollupId);
    }

    function _isAdmin() private view returns (bool) {
        return msg.sender == timelock.admin();
    }

    function _require(bool allowed, string memory role) private view {
        if (!allowed) revert NotAllowed(msg.sender, role);
    }
}
