import {
  address,
  type Base64EncodedWireTransaction,
  createSolanaRpc,
  isSolanaError,
  type Rpc,
  type Signature,
  SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM,
  SOLANA_ERROR__JSON_RPC__INVALID_PARAMS,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_BLOCK_NOT_AVAILABLE,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NO_SNAPSHOT,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NODE_UNHEALTHY,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
  type SolanaRpcApi,
  unwrapSimulationError,
} from '@solana/kit';
import { SystemProgram } from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFake } from '../fakes.js';
import { base64, key, legacy, putMint, putTokenAccount, signatureOf, TOKEN, text } from './fixtures.js';

/** An unmodified @solana/kit 8.4 on a bank in memory. */

const transfer = SystemProgram.transfer({ fromPubkey: key(1), toPubkey: key(2), lamports: 5 });
const bytes = legacy([transfer]);
const signature = signatureOf(bytes) as Signature;
const V0 = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 } as const;
const at = (index: number) => address(text(index));

let node: Awaited<ReturnType<typeof openFake>>;
let rpc: Rpc<SolanaRpcApi>;

beforeAll(async () => {
  node = await openFake({ faucet: { secretKey: new Uint8Array(32).fill(1) } });
  rpc = createSolanaRpc(node.server.url) as unknown as Rpc<SolanaRpcApi>;
  node.bank.put(text(1), { lamports: 1_000n });
  putMint(node.bank, key(7));
  putTokenAccount(node.bank, key(8), { mint: key(7), owner: key(1), amount: 150n, delegate: key(2) });
  node.bank.commit([[bytes]]);
  node.settlement.verified = node.bank.closeBatch();
});
afterAll(() => node.server.close());

describe('kit', () => {
  it('has an answer from every method of its type', async () => {
    const answers = await Promise.all([
      rpc.getAccountInfo(at(8), { encoding: 'jsonParsed' }).send(),
      rpc.getBalance(at(1)).send(),
      rpc.getBlock(1n, V0).send(),
      rpc.getBlock(1n, { ...V0, encoding: 'jsonParsed', transactionDetails: 'full' }).send(),
      rpc.getBlockCommitment(1n).send(),
      rpc.getBlockHeight().send(),
      rpc.getBlockProduction().send(),
      rpc.getBlocks(0n).send(),
      rpc.getBlocksWithLimit(0n, 2).send(),
      rpc.getBlockTime(1n).send(),
      rpc.getClusterNodes().send(),
      rpc.getEpochInfo().send(),
      rpc.getEpochSchedule().send(),
      rpc.getFirstAvailableBlock().send(),
      rpc.getGenesisHash().send(),
      rpc.getHealth().send(),
      rpc.getIdentity().send(),
      rpc.getInflationGovernor().send(),
      rpc.getInflationRate().send(),
      rpc.getInflationReward([at(1)]).send(),
      rpc.getLatestBlockhash().send(),
      rpc.getLeaderSchedule(null, { identity: at(1) }).send(),
      rpc.getMaxRetransmitSlot().send(),
      rpc.getMaxShredInsertSlot().send(),
      rpc.getMinimumBalanceForRentExemption(0n).send(),
      rpc.getMultipleAccounts([at(1), at(7)], { encoding: 'base64+zstd' }).send(),
      rpc.getProgramAccounts(address(TOKEN.toBase58()), { encoding: 'base64' }).send(),
      rpc.getRecentPerformanceSamples().send(),
      rpc.getRecentPrioritizationFees().send(),
      rpc.getSignaturesForAddress(at(2)).send(),
      rpc.getSignatureStatuses([signature]).send(),
      rpc.getSlot().send(),
      rpc.getSlotLeader().send(),
      rpc.getSlotLeaders(0n, 2).send(),
      rpc.getStakeMinimumDelegation().send(),
      rpc.getSupply().send(),
      rpc.getTokenAccountBalance(at(8)).send(),
      rpc.getTokenAccountsByDelegate(at(2), { mint: at(7) }, { encoding: 'jsonParsed' }).send(),
      rpc.getTokenAccountsByOwner(at(1), { mint: at(7) }, { encoding: 'jsonParsed' }).send(),
      rpc.getTokenLargestAccounts(at(7)).send(),
      rpc.getTokenSupply(at(7)).send(),
      rpc.getTransaction(signature, { ...V0, encoding: 'jsonParsed' }).send(),
      rpc.getTransactionCount().send(),
      rpc.getVersion().send(),
      rpc.getVoteAccounts().send(),
      rpc.minimumLedgerSlot().send(),
    ]);
    for (const answer of answers) expect(answer).not.toBeNull();
  });

  it('reads numbers as it expects them', async () => {
    const { value } = await rpc.getAccountInfo(at(8), { encoding: 'jsonParsed' }).send();
    expect(value).toMatchObject({
      lamports: 2_039_280n,
      rentEpoch: 18_446_744_073_709_551_615n,
      space: 165n,
      data: {
        program: 'spl-token',
        parsed: { info: { tokenAmount: { amount: '150', decimals: 2, uiAmount: 1.5 } } },
      },
    });
    const transaction = await rpc.getTransaction(signature, { ...V0, encoding: 'jsonParsed' }).send();
    expect(transaction).toMatchObject({
      slot: 1n,
      meta: { fee: 5_000n, computeUnitsConsumed: 150n },
      transaction: { message: { instructions: [{ parsed: { info: { lamports: 5n } }, stackHeight: 1 }] } },
    });
  });

  it('simulates and sends', async () => {
    const wire = base64(bytes) as Base64EncodedWireTransaction;
    const simulation = await rpc
      .simulateTransaction(wire, { encoding: 'base64', innerInstructions: true, sigVerify: true })
      .send();
    expect(simulation.value).toMatchObject({ err: null, unitsConsumed: 150n });
    expect(await rpc.sendTransaction(wire, { encoding: 'base64' }).send()).toBe(signature);
    node.bank.simulation = { error: { InstructionError: [0, { Custom: 7 }] } };
    const error = await rpc
      .sendTransaction(wire, { encoding: 'base64' })
      .send()
      .catch((e: unknown) => e);
    node.bank.simulation = {};
    expect(
      isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE),
    ).toBe(true);
    const cause = unwrapSimulationError(error);
    expect(isSolanaError(cause, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM)).toBe(true);
  });

  it('knows the errors', async () => {
    const code = async (request: Promise<unknown>, expected: Parameters<typeof isSolanaError>[1]) =>
      expect(isSolanaError(await request.catch((e: unknown) => e), expected)).toBe(true);
    await code(rpc.getHighestSnapshotSlot().send(), SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NO_SNAPSHOT);
    await code(rpc.getBlock(9n, V0).send(), SOLANA_ERROR__JSON_RPC__SERVER_ERROR_BLOCK_NOT_AVAILABLE);
    await code(
      rpc.getSlot({ minContextSlot: 9n }).send(),
      SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
    );
    await code(rpc.getTokenSupply(at(1)).send(), SOLANA_ERROR__JSON_RPC__INVALID_PARAMS);
    node.sequencer.unhealthyReason = 'asleep';
    await code(rpc.getHealth().send(), SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NODE_UNHEALTHY);
    node.sequencer.unhealthyReason = undefined;
  });
});
