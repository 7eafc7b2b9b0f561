// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point, G2Point} from "../../src/libraries/Bn254.sol";
import {Bn254} from "../../src/libraries/Bn254.sol";
import {IVerifierRegistry} from "../../src/interfaces/IVerifierRegistry.sol";
import {ITaskManager} from "../../src/interfaces/ITaskManager.sol";
import {TaskManager} from "../../src/network/TaskManager.sol";
import {VerifierRegistry} from "../../src/network/VerifierRegistry.sol";
import {Test} from "../Vm.sol";
import {Bls} from "./Bls.sol";

/// @title A network of verifiers whose keys are known
abstract contract NetworkFixture is Test {
    uint96 internal constant MINIMUM = 1 ether;
    uint48 internal constant EPOCH = 10;
    uint48 internal constant UNBONDING = 100;
    address internal constant TREASURY = address(0x74ea);
    address internal constant ADMIN = address(0xad);
    uint96 internal constant SINGLE_FEE = 0.001 ether;
    uint96 internal constant BATCH_FEE = 0.0001 ether;

    VerifierRegistry internal registry;
    TaskManager internal tasks;
    Bls.Keys[] internal keysOf;

    function setUp() public virtual {
        vm.roll(1000);
        address tasksAddress = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        registry = new VerifierRegistry(registryConfig(tasksAddress));
        tasks = new TaskManager(registry, tasksConfig());
    }

    function registryConfig(address service) internal pure returns (IVerifierRegistry.Config memory) {
        return IVerifierRegistry.Config({
            minimumStake: MINIMUM,
            epochBlocks: EPOCH,
            unbondingBlocks: UNBONDING,
            absenceWindow: 20,
            absenceLimit: 3,
            treasury: TREASURY,
            service: service
        });
    }

    function tasksConfig() internal pure returns (ITaskManager.Config memory) {
        return ITaskManager.Config({
            singleFeeWei: SINGLE_FEE,
            batchFeeWei: BATCH_FEE,
            answerBlocks: 50,
            slashedBps: 5_000,
            bountyBps: 2_000,
            admin: ADMIN
        });
    }

    function accountOf(uint256 index) internal pure returns (address) {
        return address(uint160(0xacc0000 + index));
    }

    /// Verifiers of as much stake join, and are in the set.
    function enter(uint256 count, uint256 stakeWei) internal {
        for (uint256 i = 0; i < count; i++) {
            join(keysOf.length, stakeWei);
        }
        vm.roll(block.number + EPOCH);
        registry.advance(100);
    }

    function join(uint256 index, uint256 stakeWei) internal {
        Bls.Keys memory keys = Bls.keys(uint256(keccak256(abi.encode("verifier", index))) % Bn254.R);
        keysOf.push(keys);
        address account = accountOf(index);
        G1Point memory shown = Bls.sign(keys.secret, registry.joinDigest(account));
        vm.deal(account, stakeWei);
        vm.prank(account);
        registry.join{value: stakeWei}(keys.key1, keys.key2, shown, "https://verifier.example");
    }

    function none() internal pure returns (uint32[] memory) {
        return new uint32[](0);
    }

    function these(uint32 a) internal pure returns (uint32[] memory list) {
        list = new uint32[](1);
        list[0] = a;
    }

    function these(uint32 a, uint32 b) internal pure returns (uint32[] memory list) {
        list = new uint32[](2);
        (list[0], list[1]) = (a, b);
    }

    /// Signed by all who ever joined but these.
    function certificate(bytes32 digest, uint32[] memory absent)
        internal
        view
        returns (IVerifierRegistry.Certificate memory made)
    {
        (uint40 epoch,,,,) = registry.set();
        uint256 secret;
        uint256 next;
        for (uint256 i = 0; i < keysOf.length; i++) {
            if (next < absent.length && absent[next] == i) {
                next++;
                continue;
            }
            if (registry.wasMember(i, epoch)) secret = addmod(secret, keysOf[i].secret, Bn254.R);
        }
        made.epoch = epoch;
        made.absent = absent;
        made.key = Bls.mul2(Bls.generator(), secret);
        made.signature = Bls.sign(secret, digest);
    }

    /// One verifier's own signature.
    function own(uint256 index, bytes32 digest)
        internal
        view
        returns (IVerifierRegistry.Certificate memory made)
    {
        made.absent = none();
        made.key = keysOf[index].key2;
        made.signature = Bls.sign(keysOf[index].secret, digest);
    }
}
