import { silentLogger } from '@polyproof/base';
import { createTestClient, type Hex, http, publicActions } from 'viem';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Anvil,
  DEVELOPMENT_ACCOUNTS,
  type JournaledTransaction,
  proofHash,
  SettlementClient,
  type SettlementClientOptions,
  startAnvil,
  type TransactionJournal,
} from '../src/index.js';
import { MemoryJournal } from '../src/transactions/journal.js';
import { createWorld, PENALTIES, proofThat, STAKE, type World } from './fixture.js';
import { type RpcProxy, startRpcProxy } from './support/rpc-proxy.js';

const ALICE = DEVELOPMENT_ACCOUNTS[2]!;

let anvil: Anvil;
let world: World;
let miner: ReturnType<typeof createMiner>;
const proxies: RpcProxy[] = [];
beforeAll(async () => {
  anvil = await startAnvil({ logger: silentLogger });
  miner = createMiner();
});
afterAll(() => anvil.close());
beforeEach(async () => {
  world = await createWorld(anvil);
});
afterEach(async () => {
  await miner.setAutomine(true);
  for (const proxy of proxies.splice(0)) await proxy.close();
});

const createMiner = () =>
  createTestClient({ mode: 'anvil', transport: http(anvil.url) }).extend(publicActions);

async function proxy(): Promise<RpcProxy> {
  const started = await startRpcProxy(anvil.url);
  proxies.push(started);
  return started;
}

/** Alice, over other RPCs and with a journal of her own. */
function alice(
  options: Partial<SettlementClientOptions> = {},
  journal: TransactionJournal = new MemoryJournal(),
): SettlementClient {
  return new SettlementClient(
    {
      rpcUrl: anvil.url,
      deployment: world.deployment,
      privateKey: ALICE.privateKey,
      pollingIntervalMs: 10,
      rpcTimeoutMs: 300,
      ...options,
    },
    { logger: silentLogger, journal },
  );
}

const funds = async () => (await world.reader.getRewards(ALICE.address)).availableWei;
const pooled = async () => (await miner.getTxpoolStatus()).pending;
/** Tells of every state that is written down. */
class SpyJournal extends MemoryJournal {
  readonly saved: JournaledTransaction[] = [];
  override async save(transaction: JournaledTransaction): Promise<void> {
    this.saved.push(structuredClone(transaction));
    await super.save(transaction);
  }
}

describe('a transaction that waits', () => {
  it('is replaced by one that pays more, and counts once', async () => {
    await miner.setAutomine(false);
    const journal = new SpyJournal();
    const outcome = alice({ fees: { bumpAfterMs: 30 } }, journal).fundRewards(7n);
    await vi.waitUntil(() => (journal.saved.at(-1)?.versions.length ?? 0) >= 3);
    expect(await pooled()).toBe(1);
    await miner.mine({ blocks: 1 });
    const { transactionHash, feeWei, gasUsed } = await outcome;
    const { versions } = journal.saved.at(-1)!;
    expect(versions.map(({ hash }) => hash)).toContain(transactionHash);
    expect(feeWei).toBeGreaterThan(gasUsed);
    for (const [i, version] of versions.entries())
      if (i > 0)
        expect(version.maxFeePerGas * 100n).toBeGreaterThanOrEqual(versions[i - 1]!.maxFeePerGas * 125n);
    expect(await funds()).toBe(7n);
  });

  it('never pays more than the cap', async () => {
    await miner.setAutomine(false);
    const { maxFeePerGas } = await miner.estimateFeesPerGas({ chain: null as never });
    const cap = (maxFeePerGas * 3n) / 2n;
    const journal = new SpyJournal();
    const outcome = alice({ fees: { bumpAfterMs: 20, maxFeePerGasWei: cap } }, journal).fundRewards(1n);
    const fees = () => journal.saved.at(-1)?.versions.at(-1)?.maxFeePerGas ?? 0n;
    await vi.waitUntil(() => fees() * 110n > cap * 100n);
    await vi.waitUntil(async () => (await pooled()) === 1);
    await miner.mine({ blocks: 1 });
    await outcome;
    expect(fees()).toBeLessThanOrEqual(cap);
    expect(await funds()).toBe(1n);
  });

  it('is taken back when it would fail by now, and its nonce is used up', async () => {
    const rpc = await proxy();
    await world.sequencer.sequence(1n, [Uint8Array.of(1, 0)], 5n);
    await world.bob.commit(1n, proofHash(proofThat('holds'), world.bob.address));
    // An RPC that loses what it is given.
    rpc.behaviour = async (request, forward) =>
      request.method === 'eth_sendRawTransaction' ? { result: `0x${'11'.repeat(32)}` } : forward(request);
    const client = alice({ rpcUrl: rpc.url, fees: { bumpAfterMs: 200 } });
    const outcome = client.commit(1n, proofHash(proofThat('holds'), ALICE.address)).catch((e: unknown) => e);
    await vi.waitUntil(() => rpc.requests.some(({ method }) => method === 'eth_sendRawTransaction'));
    const { lastCommitBlock } = (await world.reader.windows(1n))!;
    await world.mine(Number(lastCommitBlock - (await world.reader.blockNumber())));
    rpc.behaviour = undefined;
    expect(await outcome).toMatchObject({ code: 'TRANSACTION_WITHDRAWN', retryable: true });
    expect(String(await outcome)).toContain('takes no commitments');
    expect(await world.reader.getCommitment(1n, ALICE.address)).toBeUndefined();
    await client.fundRewards(1n);
    expect(await funds()).toBe(1n);
  });

  it('behind a gap of nonces is freed', async () => {
    const rpc = await proxy();
    rpc.behaviour = async (request, forward) => {
      const answer = await forward(request);
      const counts = request.method === 'eth_getTransactionCount' && request.params[1] === 'pending';
      if (!counts || !('result' in answer)) return answer;
      return { result: `0x${(Number(answer.result) + 2).toString(16)}` };
    };
    await alice({ rpcUrl: rpc.url, fees: { bumpAfterMs: 50 } }).fundRewards(3n);
    expect(await funds()).toBe(3n);
  });

  it('is the one that the caller asks for again after it gave up waiting', async () => {
    await miner.setAutomine(false);
    const client = alice({ receiptTimeoutMs: 50 });
    await expect(client.fundRewards(5n)).rejects.toMatchObject({ code: 'TRANSACTION_PENDING' });
    await miner.mine({ blocks: 1 });
    const block = await world.reader.blockNumber();
    expect(await client.fundRewards(5n)).toMatchObject({ blockNumber: block });
    expect(await funds()).toBe(5n);
  });
});

describe('an RPC', () => {
  it.each(['hang', 'limit', 'cut'] as const)('that does %s is passed over for another', async (behaviour) => {
    const bad = await proxy();
    bad.behaviour = behaviour;
    await alice({ rpcUrl: bad.url, moreRpcUrls: [anvil.url] }).fundRewards(2n);
    expect(await funds()).toBe(2n);
  });

  it('that reports a failure for what it passed on is not believed', async () => {
    const rpc = await proxy();
    rpc.behaviour = async (request, forward) => {
      const answer = await forward(request);
      return request.method === 'eth_sendRawTransaction'
        ? { error: { code: -32000, message: 'transaction rejected' } }
        : answer;
    };
    await alice({ rpcUrl: rpc.url }).fundRewards(4n);
    expect(await funds()).toBe(4n);
  });

  it('that says alone that a proof holds does not make it sent', async () => {
    const liar = await proxy();
    liar.behaviour = async (request, forward) =>
      request.method === 'eth_call' && JSON.stringify(request.params).includes(proofHex)
        ? { result: `0x${'1'.padStart(64, '0')}` }
        : forward(request);
    const proof = proofThat('fails', 9);
    const proofHex = Buffer.from(proof).toString('hex');
    await world.sequencer.sequence(1n, [Uint8Array.of(1, 0)], 5n);
    const client = alice({ rpcUrl: liar.url, moreRpcUrls: [anvil.url, anvil.url] });
    await client.commit(1n, proofHash(proof, ALICE.address));
    await world.mineToReveal(1n);
    await expect(client.reveal(1n, proof, 5n, 0n)).rejects.toMatchObject({ code: 'PROOF_REFUSED' });
    expect((await world.reader.getOperator(ALICE.address)).stakeWei).toBe(STAKE);
    expect(PENALTIES.wrongProofWei).toBeGreaterThan(0n);
  });

  it('that denies a receipt alone is outvoted', async () => {
    const liar = await proxy();
    liar.behaviour = async (request, forward) =>
      request.method === 'eth_getTransactionReceipt' ? { result: null } : forward(request);
    await alice({ rpcUrl: anvil.url, moreRpcUrls: [liar.url, anvil.url] }).fundRewards(1n);
    expect(await funds()).toBe(1n);
  });
});

describe('a process that dies', () => {
  const DEATH = 'the process died';
  /** Dies before or after the n-th save; what was saved stays. */
  class MortalJournal extends MemoryJournal {
    constructor(
      readonly inner: MemoryJournal,
      readonly at: number,
    ) {
      super();
    }
    #saves = 0;
    override unfinished(account: Hex, chainId: number) {
      return this.inner.unfinished(account, chainId);
    }
    override async save(transaction: JournaledTransaction): Promise<void> {
      if (this.#saves++ === this.at) throw new RangeError(DEATH);
      await this.inner.save(transaction);
      if (this.#saves++ === this.at) throw new RangeError(DEATH);
    }
  }

  it.each([0, 1, 2, 3])('at write %i neither loses nor doubles a transaction', async (at) => {
    const journal = new MemoryJournal();
    await expect(alice({}, new MortalJournal(journal, at)).fundRewards(6n)).rejects.toThrow(DEATH);
    const left = (await journal.unfinished(ALICE.address, anvil.chainId)).length;
    const next = alice({}, journal);
    await next.maintain();
    await vi.waitUntil(async () => (await pooled()) === 0);
    // Before the first write nothing was sent, and the caller asks again.
    expect(left).toBe(at === 0 ? 0 : 1);
    expect(await funds()).toBe(at === 0 ? 0n : 6n);
  });

  it('between writing down and sending has it sent by the next, once, also when that asks for it', async () => {
    const rpc = await proxy();
    const journal = new MemoryJournal();
    rpc.behaviour = async (request, forward) =>
      request.method === 'eth_sendRawTransaction'
        ? { error: { code: -32005, message: 'limit exceeded' } }
        : forward(request);
    await expect(
      alice({ rpcUrl: rpc.url, receiptTimeoutMs: 50 }, journal).fundRewards(8n),
    ).rejects.toMatchObject({ code: 'TRANSACTION_PENDING' });
    await alice({}, journal).fundRewards(8n);
    expect(await funds()).toBe(8n);
  });
});

describe.each([1, 3, 8])('a reorganisation of %i blocks', (depth) => {
  it('does not lose a transaction', async () => {
    const client = alice();
    await client.fundRewards(9n);
    await world.mine(depth - 1);
    await miner.request({ method: 'anvil_reorg', params: [depth, []] } as never);
    await vi.waitUntil(async () => {
      await client.maintain();
      return client.pendingTransactions === 0 && (await funds()) === 9n;
    });
  });

  it('in which its nonce went to another leaves it superseded, and what follows goes on', async () => {
    const client = alice();
    await client.fundRewards(9n);
    await world.mine(depth - 1);
    await miner.request({ method: 'anvil_reorg', params: [depth, []] } as never);
    await world.alice.fundRewards(1n);
    await vi.waitUntil(async () => {
      await client.maintain();
      return client.pendingTransactions === 0;
    });
    await client.fundRewards(2n);
    expect(await funds()).toBe(3n);
  });
});
