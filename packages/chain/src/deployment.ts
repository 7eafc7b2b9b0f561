import { type Field, fieldToHex, InvariantError, type Logger, toHex } from '@polyproof/base';
import { type Address, encodeDeployData, getContractAddress, type Hex, isHex } from 'viem';
import { ChainError } from './errors.js';
import {
  bridgeAbi,
  bridgeBytecode,
  operatorRegistryAbi,
  operatorRegistryBytecode,
  settlementAbi,
  settlementBytecode,
} from './generated/contracts.js';
import { readClient, type TransactionOptions, TransactionSender } from './transaction-sender.js';
import { translateError } from './translate-error.js';

/** Where the contracts of a rollup are. JSON-safe. */
export interface Deployment {
  chainId: number;
  /** Block from which on the contracts have events. */
  startBlock: number;
  settlement: Address;
  bridge: Address;
  /** Block in which the bridge was made. */
  bridgeBlock: number;
  operators: Address;
  verifier: Address;
}

export interface RollupSettings {
  rollupId: bigint;
  genesisStateRoot: Field;
  configHash: Field;
  keySetRoot: Field;
  sequencer: Address;
  /** T1: blocks after the first commitment in which others may commit. Default 10. */
  commitWindow?: number;
  /** T2: blocks after the commit window in which proofs are taken. Default 10. */
  revealWindow?: number;
  /** What the prover of a sequence earns. Default 10^16 wei. */
  rewardWei?: bigint;
  /** Least stake of an operator. Default 10^18 wei. */
  minimumStakeWei?: bigint;
  /** Accounts of the rollup that can get no deposits: 32 bytes each. */
  refusedRecipients: readonly Uint8Array[];
  /** Blocks that a deposit may wait for before sequences without it are refused. Default 7,200: a day. */
  depositDeadlineBlocks?: number;
}

export type DeploymentOptions = TransactionOptions & { deployerKey: Hex; rollup: RollupSettings } & (
    | { verifierBytecode: Hex; verifierAddress?: never }
    | { verifierAddress: Address; verifierBytecode?: never }
  );

/**
 * Deploys the operator registry, the verifier (unless it has an address), the bridge and the settlement contract.
 * @throws {SettlementError} `InvalidConfig` or `NotFieldElement`; {ChainError} when the chain refuses
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

  // Neither needs the other: both may be in one block.
  const [verifier, operators] = await Promise.all([
    options.verifierAddress ??
      create('the verifier', deployable(options.verifierBytecode)).then(({ address }) => address),
    create(
      'the operator registry',
      encodeDeployData({
        abi: operatorRegistryAbi,
        bytecode: operatorRegistryBytecode,
        args: [rollup.minimumStakeWei ?? 10n ** 18n],
      }),
    ),
  ]);
  // Each of the two knows the other: the bridge is told where the settlement contract, which comes next, will be.
  const nonce = await reader.getTransactionCount({ address: sender.address, blockTag: 'pending' });
  const bridge = await create(
    'the bridge',
    encodeDeployData({
      abi: bridgeAbi,
      bytecode: bridgeBytecode,
      args: [
        getContractAddress({ from: sender.address, nonce: BigInt(nonce) + 1n }),
        rollup.depositDeadlineBlocks ?? 7_200,
        rollup.refusedRecipients.map(toHex),
      ],
    }),
  );
  const settlement = await create(
    'the settlement contract',
    encodeDeployData({
      abi: settlementAbi,
      bytecode: settlementBytecode,
      args: [
        {
          rollupId: rollup.rollupId,
          genesisStateRoot: fieldToHex(rollup.genesisStateRoot),
          configHash: fieldToHex(rollup.configHash),
          keySetRoot: fieldToHex(rollup.keySetRoot),
          verifier,
          sequencer: rollup.sequencer,
          bridge: bridge.address,
          operators: operators.address,
          commitWindow: rollup.commitWindow ?? 10,
          revealWindow: rollup.revealWindow ?? 10,
          rewardWei: rollup.rewardWei ?? 10n ** 16n,
        },
      ],
    }),
  );
  const deployment: Deployment = {
    chainId,
    startBlock: Number(operators.blockNumber),
    settlement: settlement.address,
    bridge: bridge.address,
    bridgeBlock: Number(bridge.blockNumber),
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
