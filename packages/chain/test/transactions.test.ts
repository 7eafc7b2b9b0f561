import { silentLogger } from '@polyproof/base';
import { createTestClient, http } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Anvil,
  DEVELOPMENT_ACCOUNTS,
  deploySettlement,
  proofHash,
  SettlementClient,
  startAnvil,
} from '../src/index.js';
import {
  clientsOf,
  createWorld,
  deploy,
  PENALTIES,
  proofThat,
  ROLLUP,
  STAKE,
  VERIFIER_BYTECODE,
  type World,
} from './fixture.js';

let anvil: Anvil;
let world: World;
let miner: ReturnType<typeof createMiner>;
beforeAll(async () => {
  anvil = await startAnvil({ logger: silentLogger });
  miner = createMiner();
});
afterAll(() => anvil.close());
beforeEach(async () => {
  world = await createWorld(anvil);
});

const createMiner = () => createTestClient({ mode: 'anvil', transport: http(anvil.url) });

/** Runs `section` while transactions wait for blocks to be mined by hand. */
async function withoutAutomine(section: () => Promise<void>) {
  await miner.setAutomine(false);
  try {
    await section();
  } finally {
    await miner.setAutomine(true);
    await miner.mine({ blocks: 1 });
  }
}

describe('transactions', () => {
  it('give the contract error also when they fail only in their block', async () => {
    const { alice, deployment } = world;
    const proof = proofThat('holds');
    await world.sequencer.sequence(1n, [Uint8Array.of(1, 0)], 5n);
    await alice.commit(1n, proofHash(proof, alice.address));
    await world.mineToReveal(1n);
    await alice.reveal(1n, proof, 5n, 0n);
    await alice.fundRewards(5n);
    await withoutAutomine(async () => {
      const outcome = alice.claimRewards().catch((error: unknown) => error);
      await vi.waitUntil(async () => (await miner.getTxpoolStatus()).pending === 1);
      await miner.setBalance({ address: deployment.settlement, value: 4n });
      await miner.mine({ blocks: 1 });
      expect(await outcome).toMatchObject({
        name: 'SettlementError',
        code: 'InsufficientFunds',
        details: { available: 4n, required: 5n },
      });
    });
  });

  it('that reveal a proof tell when it was refused only in its block, and what that cost', async () => {
    const { alice } = world;
    const proof = proofThat('holds');
    await world.sequencer.sequence(1n, [Uint8Array.of(1, 0)], 5n);
    await alice.commit(1n, proofHash(proof, alice.address));
    await world.mineToReveal(1n);
    await withoutAutomine(async () => {
      const outcome = alice.reveal(1n, proof, 5n, 0n).catch((error: unknown) => error);
      await vi.waitUntil(async () => (await miner.getTxpoolStatus()).pending === 1);
      // From now on the verifier refuses everything: PUSH0 PUSH0 REVERT.
      await miner.setCode({ address: world.deployment.verifier, bytecode: '0x5f5ffd' });
      await miner.mine({ blocks: 1 });
      expect(await outcome).toMatchObject({
        name: 'ChainError',
        code: 'PROOF_PENALISED',
        details: { sequence: 1n, amountWei: PENALTIES.wrongProofWei },
        retryable: false,
      });
    });
    expect((await alice.getOperator(alice.address)).stakeWei).toBe(STAKE - PENALTIES.wrongProofWei);
    expect((await alice.getState()).verifiedSequence).toBe(0n);
  });

  it('of one submission, sent twice before either is in a block, give one sequence', async () => {
    // Two processes with the same key: the second one cannot see what the first one sent.
    const { sequencer, reader } = world;
    const batches = [Uint8Array.of(1, 0), Uint8Array.of(2, 0)];
    await withoutAutomine(async () => {
      const first = sequencer.sequence(1n, batches, 5n);
      await vi.waitUntil(async () => (await miner.getTxpoolStatus()).pending === 1);
      await expect(
        clientsOf(anvil.url, world.deployment).sequencer.sequence(1n, batches, 5n),
      ).rejects.toMatchObject({ code: 'UnexpectedBatch', details: { expected: 3n, given: 1n } });
      await miner.mine({ blocks: 1 });
      expect(await first).toMatchObject({ sequence: 1n });
    });
    expect(await reader.getState()).toMatchObject({ lastSequence: 1n, lastBatch: 2n });
  });

  it('are reported as pending when they do not get into a block in time', async () => {
    const client = new SettlementClient(
      {
        rpcUrl: anvil.url,
        deployment: world.deployment,
        privateKey: DEVELOPMENT_ACCOUNTS[5]!.privateKey,
        pollingIntervalMs: 10,
        receiptTimeoutMs: 100,
      },
      { logger: silentLogger },
    );
    await withoutAutomine(async () => {
      await expect(client.registerOperator(STAKE)).rejects.toMatchObject({
        code: 'TRANSACTION_PENDING',
        retryable: true,
      });
    });
    expect(await world.reader.getOperator(client.address)).toMatchObject({ active: true });
    await client.fundRewards(1n);
  });

  it('go on after one was refused', async () => {
    const { alice } = world;
    const results = await Promise.allSettled([
      alice.fundRewards(1n),
      alice.claimRewards(),
      alice.fundRewards(10n ** 30n),
      alice.fundRewards(1n),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  });

  it('of a chain that was set back are numbered by the chain, and sent again', async () => {
    const snapshot = await miner.snapshot();
    await world.alice.fundRewards(1n);
    await world.alice.fundRewards(1n);
    await miner.revert({ id: snapshot });
    await world.alice.fundRewards(1n);
    const { availableWei } = await world.reader.getRewards(world.alice.address);
    expect(availableWei).toBe(3n);
  });
});

describe('deploySettlement', () => {
  it('is JSON-safe and starts before the first event', async () => {
    const { deployment } = world;
    expect(JSON.parse(JSON.stringify(deployment))).toEqual(deployment);
    const [first] = await world.reader.getEvents(
      BigInt(deployment.startBlock),
      await world.reader.blockNumber(),
    );
    expect(first?.name).toBe('WindowsSet');
  });

  it('takes a verifier that is there already', async () => {
    const options = {
      rpcUrl: anvil.url,
      pollingIntervalMs: 10,
      deployerKey: DEVELOPMENT_ACCOUNTS[0]!.privateKey,
    };
    const { verifier } = world.deployment;
    const deployment = await deploySettlement(
      { ...options, verifierAddress: verifier, rollup: ROLLUP },
      { logger: silentLogger },
    );
    expect(deployment.verifier).toBe(verifier);
    await expect(
      deploySettlement(
        { ...options, verifierAddress: DEVELOPMENT_ACCOUNTS[0]!.address, rollup: ROLLUP },
        { logger: silentLogger },
      ),
    ).rejects.toMatchObject({
      name: 'SettlementError',
      code: 'InvalidConfig',
      details: { field: 'verifier' },
    });
  });

  it('refuses wrong settings and bytecode', async () => {
    await expect(deploy(anvil.url, { windows: { revealWindow: 0 } })).rejects.toMatchObject({
      code: 'WindowOutOfBounds',
      details: { window: 'revealWindow', given: 0, least: 1, most: 7_200 },
    });
    await expect(deploy(anvil.url, { unbondingBlocks: 43_200n })).rejects.toMatchObject({
      code: 'InvalidConfig',
      details: { field: 'operators' },
    });
    await expect(deploy(anvil.url, { minimumStakeWei: 8n })).rejects.toMatchObject({
      code: 'InvalidConfig',
      details: { field: 'penalties' },
    });
    for (const verifierBytecode of ['0x', '0x600', `${VERIFIER_BYTECODE}__$library$__`] as `0x${string}`[])
      await expect(
        deploySettlement(
          {
            rpcUrl: anvil.url,
            deployerKey: DEVELOPMENT_ACCOUNTS[0]!.privateKey,
            verifierBytecode,
            rollup: ROLLUP,
          },
          { logger: silentLogger },
        ),
      ).rejects.toMatchObject({ code: 'BAD_BYTECODE' });
    await expect(deploy('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'RPC_FAILED' });
  });
});
