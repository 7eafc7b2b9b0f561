import { type Field, fieldToHex, InvariantError, type Logger, toHex } from '@polyproof/base';
import {
  type Address,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  isAddressEqual,
  isHex,
  parseEventLogs,
} from 'viem';
import { ChainError } from './errors.js';
import {
  bridgeAbi,
  bridgeBytecode,
  forcedInboxAbi,
  forcedInboxBytecode,
  operatorRegistryAbi,
  operatorRegistryBytecode,
  rollupManagerAbi,
  rollupManagerBytecode,
  settlementAbi,
  settlementBytecode,
  timelockAbi,
  timelockBytecode,
} from './generated/contracts.js';
import {
  type Penalties,
  PROOF_WAYS,
  type ProofWays,
  type RewardPolicy,
  type WindowLengths,
} from './settlement-types.js';
import { readClient, type TransactionOptions, TransactionSender } from './transaction-sender.js';
import { translateError } from './translate-error.js';

/** Where the contracts of a rollup are. JSON-safe. */
export interface Deployment {
  chainId: number;
  /** Block from which on the contracts have events. */
  startBlock: number;
  /** A proxy that the manager may upgrade. */
  settlement: Address;
  /** Of rollups; the deployer administers it, and may hand that on through its timelock. */
  manager: Address;
  bridge: Address;
  /** Block in which the bridge was made. */
  bridgeBlock: number;
  /** Where withdrawals are forced. */
  forcedInbox: Address;
  operators: Address;
  verifier: Address;
}

export interface RollupSettings {
  rollupId: bigint;
  genesisStateRoot: Field;
  configHash: Field;
  keySetRoot: Field;
  sequencer: Address;
  /** Sets windows and rewards, enables settlements at the registry. Default: the deployer. */
  admin?: Address;
  /** Default 10 blocks each. */
  windows?: Partial<WindowLengths>;
  /** Default 10^16 wei for each sequence. */
  rewards?: Partial<RewardPolicy>;
  /** Default 10^17 wei for a wrong proof, 10^16 wei otherwise. */
  penalties?: Partial<Penalties>;
  /**
   * How proofs are taken: their hash first, or in one step those that are bound to their prover. Default `twoSteps`.
   */
  proofWays?: ProofWays;
  /** What the verifier may use; a proof that takes more counts as wrong. Default 3,000,000. */
  verifierGas?: number;
  /** Least stake of an operator. Default 10^18 wei. */
  minimumStakeWei?: bigint;
  /** Between the request for stake and its withdrawal. Default 50,400 blocks, a week of 12-second ones. */
  unbondingBlocks?: bigint;
  /** May pause the rollup. Default: the deployer. */
  guardian?: Address;
  /**
   * Between the announcement of an upgrade and its execution, at least a week. Default two weeks: longer than stake takes
   * to leave, for operators who do not want to be under the new contract.
   */
  timelockSeconds?: bigint;
  /** Whether sequences may have their data in blobs, which no proof ties to the proved data. Default false. */
  allowsBlobs?: boolean;
  /** Where slashed stake goes. Default: an address without a key, which burns it. */
  treasury?: Address;
  /** Accounts of the rollup that can get no deposits: 32 bytes each. */
  refusedRecipients: readonly Uint8Array[];
  /** Blocks that a deposit may wait for before sequences without it are refused. Default 7,200: a day. */
  depositDeadlineBlocks?: number;
  /** Lamports that the rollup takes for a signature: an account without them cannot pay for a forced withdrawal. */
  lamportsPerSignature: bigint;
  forcedWithdrawals?: ForcedWithdrawalSettings;
}

export interface ForcedWithdrawalSettings {
  /** What one costs. Default 10^16 wei. */
  feeWei?: bigint;
  /** Blocks after which nothing else is sequenced before it. Default 7,200: a day. */
  deadlineBlocks?: number;
  /** Least number of blocks between two that fall due. Default 25. */
  spacingBlocks?: number;
}

/** Nobody has the key of this address. */
export const BURN_ADDRESS: Address = '0x000000000000000000000000000000000000dEaD';

export type DeploymentOptions = TransactionOptions & { deployerKey: Hex; rollup: RollupSettings } & (
    | { verifierBytecode: Hex; verifierAddress?: never }
    | { verifierAddress: Address; verifierBytecode?: never }
  );

const TWO_WEEKS_IN_SECONDS = 1_209_600n;

/**
 * Deploys the operator registry, the verifier (unless it has an address), a manager of rollups with its timelock, the
 * bridge, and the settlement contract behind a proxy, which it enables at the registry when the deployer is the administrator;
 * another one has to do that itself (`setEnabled`).
 * @throws {SettlementError} `InvalidConfig`, `WindowOutOfBounds` ...; {ChainError} when the chain refuses
 */
export async function deploySettlement(
  options: DeploymentOptions,
  modules: { logger: Logger },
): Promise<Deployment> {
  const { rollup, deployerKey, rpcUrl } = options;
  const reader = readClient(options, 0);
  const chainId = await reader.getChainId().catch((error: unknown) => {
    throw translateError(error, 'deploying the settlement', rpcUrl, 'RPC_FAILED');
  });
  const sender = new TransactionSender({ ...options, chainId, privateKey: deployerKey }, modules);
  const create = async (what: string, data: Hex) => {
    const { receipt } = await sender.send({ what: `deploying ${what}`, data });
    if (receipt.contractAddress == null) throw new InvariantError(`the receipt of ${what} has no address`);
    return { address: receipt.contractAddress, blockNumber: receipt.blockNumber };
  };

  const admin = rollup.admin ?? sender.address;

  // None needs another: all may be in one block.
  const [verifier, operators, timelock] = await Promise.all([
    options.verifierAddress ??
      create('the verifier', deployable(options.verifierBytecode)).then(({ address }) => address),
    create(
      'the operator registry',
      encodeDeployData({
        abi: operatorRegistryAbi,
        bytecode: operatorRegistryBytecode,
        args: [
          rollup.minimumStakeWei ?? 10n ** 18n,
          rollup.unbondingBlocks ?? 50_400n,
          admin,
          rollup.treasury ?? BURN_ADDRESS,
        ],
      }),
    ),
    create(
      'the timelock',
      encodeDeployData({
        abi: timelockAbi,
        bytecode: timelockBytecode,
        args: [sender.address, rollup.timelockSeconds ?? TWO_WEEKS_IN_SECONDS],
      }),
    ),
  ]);
  const manager = await create(
    'the manager of rollups',
    encodeDeployData({
      abi: rollupManagerAbi,
      bytecode: rollupManagerBytecode,
      args: [timelock.address, rollup.guardian ?? sender.address],
    }),
  );
  // Each of the three knows the others: they are told where the manager's first proxy and the next contract will be.
  const settlementAddress = getContractAddress({ from: manager.address, nonce: 1n });
  const nonce = BigInt(await reader.getTransactionCount({ address: sender.address }));
  const forced = rollup.forcedWithdrawals ?? {};
  const forcedInbox = await create(
    'the inbox of forced withdrawals',
    encodeDeployData({
      abi: forcedInboxAbi,
      bytecode: forcedInboxBytecode,
      args: [
        settlementAddress,
        getContractAddress({ from: sender.address, nonce: nonce + 1n }),
        forced.feeWei ?? 10n ** 16n,
        rollup.lamportsPerSignature,
        forced.deadlineBlocks ?? 7_200,
        forced.spacingBlocks ?? 25,
      ],
    }),
  );
  const bridge = await create(
    'the bridge',
    encodeDeployData({
      abi: bridgeAbi,
      bytecode: bridgeBytecode,
      args: [
        settlementAddress,
        rollup.depositDeadlineBlocks ?? 7_200,
        forcedInbox.address,
        rollup.refusedRecipients.map(toHex),
      ],
    }),
  );
  const implementation = await create(
    'the settlement contract',
    encodeDeployData({
      abi: settlementAbi,
      bytecode: settlementBytecode,
      args: [
        {
          rollupId: rollup.rollupId,
          configHash: fieldToHex(rollup.configHash),
          keySetRoot: fieldToHex(rollup.keySetRoot),
          verifier,
          verifierGas: rollup.verifierGas ?? 3_000_000,
          sequencer: rollup.sequencer,
          admin,
          bridge: bridge.address,
          operators: operators.address,
          penalties: {
            wrongProofWei: 10n ** 17n,
            missedRevealWei: 10n ** 16n,
            failedRoundWei: 10n ** 16n,
            ...rollup.penalties,
          },
          policy: {
            systems: [],
            threshold: 1,
            ways: PROOF_WAYS.indexOf(rollup.proofWays ?? 'twoSteps'),
          },
          manager: manager.address,
          allowsBlobs: rollup.allowsBlobs ?? false,
        },
      ],
    }),
  );
  const { receipt } = await sender.send({
    what: 'registering the rollup',
    to: manager.address,
    data: encodeFunctionData({
      abi: rollupManagerAbi,
      functionName: 'register',
      args: [
        implementation.address,
        {
          stateRoot: fieldToHex(rollup.genesisStateRoot),
          windows: { commitWindow: 10, revealWindow: 10, shareWindow: 10, ...rollup.windows },
          rewards: { blockRewardWei: 0n, priceWei: 10n ** 16n, ...rollup.rewards },
        },
      ],
    }),
  });
  const [registered] = parseEventLogs({
    abi: rollupManagerAbi,
    eventName: 'RollupRegistered',
    logs: receipt.logs,
  });
  if (registered === undefined)
    throw new InvariantError('the receipt of the registration names no settlement');
  // Receipts have addresses in lower case, and so has everything that is made of them.
  const settlement = registered.args.settlement.toLowerCase() as Address;
  if (isAddressEqual(admin, sender.address))
    await sender.send({
      what: 'enabling the settlement contract',
      to: operators.address,
      data: encodeFunctionData({
        abi: operatorRegistryAbi,
        functionName: 'setEnabled',
        args: [settlement, true],
      }),
    });
  const deployment: Deployment = {
    chainId,
    startBlock: Number(operators.blockNumber),
    settlement,
    manager: manager.address,
    bridge: bridge.address,
    bridgeBlock: Number(bridge.blockNumber),
    forcedInbox: forcedInbox.address,
    operators: operators.address,
    verifier,
  };
  modules.logger.info('settlement deployed', { ...deployment });
  return deployment;
}

/** Bytecode with unlinked libraries has placeholders in it that are not hex. */
function deployable(bytecode: Hex): Hex {
  if (!isHex(bytecode) || bytecode.length <= 2 || bytecode.length % 2 !== 0)
    throw new ChainError(
      'BAD_BYTECODE',
      'the bytecode of the verifier is not complete hex: compile it, and link its libraries.',
    );
  return bytecode;
}
