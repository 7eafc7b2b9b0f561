import { Aggregator, Database, operatorReport, TransactionTable } from '@polyproof/aggregator';
import { silentLogger } from '@polyproof/base';
import {
  type Anvil,
  DEVELOPMENT_ACCOUNTS,
  type Deployment,
  deploySettlement,
  SettlementClient,
  startAnvil,
} from '@polyproof/chain';
import { type CircuitInputs, type ProgramName, statementToCircuit } from '@polyproof/proofs';
import { ProverWorker } from '@polyproof/prover';
import { createTestClient, type Hex, http } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  CONFIG_HASH,
  circuitOf,
  FakeProofSystem,
  fakeBatchSource,
  fakeComposer,
  HELD,
  PROGRAMS,
  rootAfter,
  statementOf,
} from '../../aggregator/test/support/fake-rollup.js';
import { type RpcProxy, startRpcProxy } from '../../chain/test/support/rpc-proxy.js';
import { SettlementAdapter } from '../src/settlement-adapter.js';
import { until } from './support/until.js';

// Two operators with different speeds and stakes on one chain; the proofs are stand-ins, and the contract's verifier
// accepts all of them. Everything else is real: contracts, transactions, databases, aggregators, provers over HTTP.
// A transaction makes a block, and the test makes the others, so that windows are as long on a slow machine.

const ETHER = 10n ** 18n;
const SEQUENCES = 3n;
/** What a sequence earns; by stake a quarter of it and three quarters. */
const REWARD_WEI = 8n;
/** PUSH1 1 PUSH0 MSTORE PUSH1 20 PUSH0 RETURN, and what deploys it. */
const ACCEPTS_ALL: Hex = '0x6008600a5f3960085ff360015f5260205ff3';

const [deployer, sequencerAccount, ...operatorAccounts] = DEVELOPMENT_ACCOUNTS;

let anvil: Anvil;
let deployment: Deployment;
let sequencer: SettlementClient;
let proxy: RpcProxy;
const closers: (() => Promise<void>)[] = [];

const client = (privateKey: Hex, more: object = {}, modules: object = {}) =>
  new SettlementClient(
    { rpcUrl: anvil.url, deployment, privateKey, pollingIntervalMs: 50, rpcTimeoutMs: 500, ...more },
    { logger: silentLogger, ...modules },
  );

beforeAll(async () => {
  anvil = await startAnvil({ logger: silentLogger });
  closers.push(() => anvil.close());
  proxy = await startRpcProxy(anvil.url);
  closers.push(() => proxy.close());
  deployment = await deploySettlement(
    {
      rpcUrl: anvil.url,
      deployerKey: deployer!.privateKey,
      verifierBytecode: ACCEPTS_ALL,
      rollup: {
        rollupId: 7n,
        genesisStateRoot: rootAfter(0n),
        configHash: CONFIG_HASH,
        keySetRoot: PROGRAMS.keySetRoot,
        lamportsPerSignature: 5_000n,
        sequencer: sequencerAccount!.address,
        windows: { commitWindow: 24, revealWindow: 60, shareWindow: 30 },
        rewards: { priceWei: REWARD_WEI },
        minimumStakeWei: ETHER,
        refusedRecipients: [new Uint8Array(32)],
      },
    },
    { logger: silentLogger },
  );
  sequencer = client(sequencerAccount!.privateKey);
  await sequencer.fundRewards(1_000n);
}, 60_000);
afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The statement of a batch that is alone in its sequence, with the data hashes that the contract has. */
const batchSource = {
  ...fakeBatchSource,
  async getBatchInputs(batch: bigint) {
    const { prevDataHash, newDataHash } = await sequencer.getSequence(batch);
    const statement = statementToCircuit({ ...statementOf(batch), prevDataHash, newDataHash });
    return { program: circuitOf(batch), inputs: { statement } };
  },
};

class SlowProofSystem extends FakeProofSystem {
  constructor(readonly delayMs: number) {
    super();
  }
  override async prove(program: ProgramName, inputs: CircuitInputs) {
    await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    return super.prove(program, inputs);
  }
}

/** An operator's aggregator with a prover; `restart` ends both and starts them again on the same database. */
class Operator {
  readonly settlement: SettlementClient;
  #running: { aggregator: Aggregator; worker: ProverWorker } | undefined;

  constructor(
    readonly options: { privateKey: Hex; stakeWei: bigint; delayMs: number; rpc: object },
    readonly database: Database,
  ) {
    this.settlement = client(options.privateKey);
  }

  static async open(options: Operator['options']): Promise<Operator> {
    const operator = new Operator(options, await Database.open());
    closers.push(() => operator.database.close());
    await operator.settlement.registerOperator(options.stakeWei);
    await operator.start();
    closers.push(() => operator.stop());
    return operator;
  }

  get aggregator(): Aggregator {
    return this.#running!.aggregator;
  }

  async start(): Promise<void> {
    const { privateKey, delayMs, rpc } = this.options;
    const { database } = this;
    // A client of its own for every run: a process knows nothing of the one before it but the database.
    const settlement = client(privateKey, rpc, { journal: new TransactionTable({ database }) });
    const aggregator = await Aggregator.open(
      {
        operator: settlement.address,
        chainId: BigInt(deployment.chainId),
        settlementId: `${deployment.chainId}:${deployment.settlement}`,
        startBlock: BigInt(deployment.startBlock),
        configHash: CONFIG_HASH,
        programs: PROGRAMS,
        intervalMs: 50,
        retryDelayMs: 50,
      },
      {
        settlement: new SettlementAdapter(settlement, { genesisStateRoot: rootAfter(0n) }),
        batchSource,
        composer: fakeComposer,
        verifier: new FakeProofSystem(),
        database,
        logger: silentLogger,
      },
    );
    const worker = ProverWorker.start(
      { aggregatorUrl: aggregator.url, name: `of ${settlement.address}`, programs: HELD },
      { proofSystem: new SlowProofSystem(delayMs), logger: silentLogger },
    );
    this.#running = { aggregator, worker };
  }

  async stop(): Promise<void> {
    await this.#running?.worker.close();
    await this.#running?.aggregator.close();
    this.#running = undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }
}

it('two operators prove the same sequences: all are verified, both are paid by stake, nobody is slashed', async () => {
  const fast = await Operator.open({
    privateKey: operatorAccounts[0]!.privateKey,
    stakeWei: ETHER,
    delayMs: 0,
    rpc: { rpcUrl: proxy.url, moreRpcUrls: [anvil.url] },
  });
  const slow = await Operator.open({
    privateKey: operatorAccounts[1]!.privateKey,
    stakeWei: 3n * ETHER,
    delayMs: 300,
    rpc: {},
  });
  for (let n = 1n; n <= SEQUENCES; n++)
    await sequencer.sequence(n, [Uint8Array.of(Number(n), 0)], rootAfter(n));

  const miner = createTestClient({ mode: 'anvil', transport: http(anvil.url) });
  const mineTo = async (block: bigint) =>
    miner.mine({ blocks: Math.max(0, Number(block - (await sequencer.blockNumber()))) });
  const statusOf = async (operator: Operator, sequence: bigint) =>
    (await sequencer.getCommitment(sequence, operator.settlement.address))?.status;
  const isCommitted = async (operator: Operator, sequence: bigint) =>
    (await statusOf(operator, sequence)) !== undefined;

  // The RPC of one fails while it commits; the other one is started again between commitment and reveal.
  await until('the first commitment', () => isCommitted(fast, 1n));
  proxy.behaviour = 'limit';
  await until('commitments over the second RPC', () => isCommitted(fast, SEQUENCES));
  proxy.behaviour = 'hang';
  await until('the slower commitments', () => isCommitted(slow, SEQUENCES));
  await slow.restart();
  await mineTo((await sequencer.windows(1n))!.firstRevealBlock - 1n);
  await until('the first proof', async () => (await sequencer.getState()).verifiedSequence >= 1n);
  proxy.behaviour = undefined;
  // Whatever the last blocks had is gone, the reveal that counted among it.
  await miner.request({ method: 'anvil_reorg', params: [3, []] } as never);

  for (const operator of [fast, slow])
    for (let n = 1n; n <= SEQUENCES; n++)
      await until(`the proof of sequence ${n}`, async () => (await statusOf(operator, n)) !== 'open');
  await mineTo((await sequencer.windows(SEQUENCES))!.lastShareBlock + 1n);
  const earned = async (operator: Operator) =>
    (await sequencer.getRewards(operator.settlement.address)).earnedWei;
  await until(
    'all rewards',
    async () => (await earned(fast)) === 2n * SEQUENCES && (await earned(slow)) === 6n * SEQUENCES,
  );
  expect(await sequencer.getState()).toMatchObject({
    verifiedSequence: SEQUENCES,
    verifiedStateRoot: rootAfter(SEQUENCES),
  });
  const events = await sequencer.getEvents(BigInt(deployment.startBlock), await sequencer.blockNumber());
  expect(events.filter(({ name }) => name === 'CommitmentPenalised')).toEqual([]);
  for (const operator of [fast, slow]) {
    const { stakeWei, lockedWei } = await sequencer.getOperator(operator.settlement.address);
    expect([stakeWei, lockedWei]).toEqual([operator.options.stakeWei, 0n]);
    await until(
      'the end of all work',
      async () => (await operator.aggregator.status()).sequences.length === 0,
    );
    const { sequences, totals } = await operatorReport(operator.database, { provingSecondWei: 1n });
    expect(sequences.map(({ status, submission }) => [status, submission])).toEqual(
      Array.from({ length: 3 }, () => ['verified', 'verified']),
    );
    for (const { gasUsed, feeWei, provingSeconds } of sequences) {
      expect(gasUsed).toBeGreaterThan(100_000n);
      expect(feeWei).toBeGreaterThan(gasUsed);
      expect(provingSeconds).toBe(4);
    }
    expect(totals.marginWei).toBe(totals.rewardWei - totals.feeWei - totals.provingWei);
  }
}, 180_000);
