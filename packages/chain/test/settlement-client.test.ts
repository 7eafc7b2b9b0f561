import { silentLogger } from '@polyproof/base';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Anvil,
  DEVELOPMENT_ACCOUNTS,
  phaseAt,
  proofHash,
  SettlementClient,
  type SettlementError,
  startAnvil,
} from '../src/index.js';
import {
  COMMIT_WINDOW,
  clientsOf,
  createWorld,
  GENESIS,
  PENALTIES,
  proofThat,
  REVEAL_WINDOW,
  ROLLUP,
  SHARE_WINDOW,
  STAKE,
  type World,
} from './fixture.js';

// The last byte is the number of deposits.
const BATCHES = [Uint8Array.of(1, 2, 0), Uint8Array.of(0), new Uint8Array(3000).fill(9, 0, 2999)];
const ROOT = 0xabcn;
const REWARD = 5n;

let anvil: Anvil;
let world: World;
beforeAll(async () => {
  anvil = await startAnvil({ logger: silentLogger });
});
afterAll(() => anvil.close());

/** Each test has contracts of its own on the one chain. */
beforeEach(async () => {
  world = await createWorld(anvil);
});

/** Commits and reveals the proof of a sequence by Alice. */
async function verify(sequence: bigint, root = ROOT, proof = proofThat('holds')) {
  await world.alice.commit(sequence, proofHash(proof, world.alice.address));
  await world.mineToReveal(sequence);
  return world.alice.reveal(sequence, proof, root, 0n);
}

describe('the way of a sequence', () => {
  it('starts at the genesis', async () => {
    expect(await world.reader.getState()).toEqual({
      verifiedStateRoot: GENESIS,
      verifiedSequence: 0n,
      verifiedBatch: 0n,
      lastSequence: 0n,
      lastBatch: 0n,
      lastDataHash: 0n,
    });
    expect(await world.reader.getConfig()).toEqual({
      rollupId: ROLLUP.rollupId,
      configHash: ROLLUP.configHash,
      keySetRoot: ROLLUP.keySetRoot,
      verifier: expect.stringMatching(new RegExp(world.deployment.verifier, 'i')),
      sequencer: world.sequencer.address,
      operators: expect.stringMatching(new RegExp(world.deployment.operators, 'i')),
      admin: DEVELOPMENT_ACCOUNTS[0]!.address,
      verifierGas: 3_000_000,
      windows: { commitWindow: COMMIT_WINDOW, revealWindow: REVEAL_WINDOW, shareWindow: SHARE_WINDOW },
      rewards: { blockRewardWei: 0n, priceWei: REWARD },
      penalties: PENALTIES,
      lockWei: PENALTIES.wrongProofWei,
      minimumStakeWei: STAKE,
      unbondingBlocks: 50_400n,
    });
    expect(await world.reader.getOperator(world.alice.address)).toEqual({
      active: true,
      stakeWei: STAKE,
      lockedWei: 0n,
      unbondingWei: 0n,
      withdrawableAt: 0n,
    });
    expect(await world.reader.getOperator(world.stranger.address)).toEqual({
      active: false,
      stakeWei: 0n,
      lockedWei: 0n,
      unbondingWei: 0n,
      withdrawableAt: 0n,
    });
  });

  it('is submitted, committed, revealed and verified', async () => {
    const submitted = await world.sequencer.sequence(1n, BATCHES, ROOT);
    expect(submitted).toMatchObject({
      sequence: 1n,
      transactionHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    });
    const record = await world.reader.getSequence(1n);
    expect(record).toMatchObject({
      firstBatch: 1n,
      lastBatch: 3n,
      blockNumber: submitted.blockNumber,
      prevDataHash: 0n,
      claimedStateRoot: ROOT,
    });
    expect(await world.reader.windows(1n)).toBeUndefined();

    const proof = proofThat('holds');
    const hash = proofHash(proof, world.alice.address);
    expect(await world.reader.getCommitment(1n, world.alice.address)).toBeUndefined();
    const committed = await world.alice.commit(1n, hash);
    const opened = committed.blockNumber;
    expect(await world.reader.getCommitment(1n, world.alice.address)).toEqual({
      round: 1n,
      proofHash: hash,
      stakeWei: STAKE,
      status: 'open',
    });
    const windows = (await world.reader.windows(1n))!;
    expect(windows).toEqual({
      round: 1n,
      openedAt: opened,
      lastCommitBlock: opened + 3n,
      firstRevealBlock: opened + 4n,
      lastRevealBlock: opened + 6n,
      lastShareBlock: opened + 8n,
    });
    expect(phaseAt(windows, opened + 3n)).toBe('commit');
    expect(phaseAt(windows, opened + 4n)).toBe('reveal');
    expect(phaseAt(windows, opened + 7n)).toBe('idle');

    expect(await world.reader.getSequenceTransactions(1n)).toEqual({
      submitted: submitted.transactionHash,
      committed: [committed.transactionHash],
      verified: undefined,
    });

    // The transaction gets into the first block of the window, although the newest block is still before it.
    await world.mineToReveal(1n);
    const revealed = await world.alice.reveal(1n, proof, ROOT, 0n);
    expect(revealed.blockNumber).toBe(windows.firstRevealBlock);
    expect(revealed.gasUsed).toBeGreaterThan(21_000n);
    expect(await world.reader.getState()).toEqual({
      verifiedStateRoot: ROOT,
      verifiedSequence: 1n,
      verifiedBatch: 3n,
      lastSequence: 1n,
      lastBatch: 3n,
      lastDataHash: record.newDataHash,
    });
    expect((await world.reader.getSequenceTransactions(1n)).verified).toBe(revealed.transactionHash);
  });

  it('leaves typed events and its batches on the chain', async () => {
    await world.sequencer.sequence(1n, BATCHES, ROOT);
    const other = await world.sequencer.sequence(4n, BATCHES.slice(0, 1), ROOT + 1n);
    const proof = proofThat('holds');
    const { transactionHash } = await verify(1n, ROOT, proof);

    const events = await world.reader.getEvents(
      BigInt(world.deployment.startBlock),
      await world.reader.blockNumber(),
    );
    expect(events.map((event) => event.name)).toEqual([
      'WindowsSet',
      'RewardPolicySet',
      'SettlementEnabled',
      'OperatorRegistered',
      'OperatorRegistered',
      'SequenceSubmitted',
      'SequenceSubmitted',
      'ProofCommitted',
      'ProofRevealed',
      'SequenceVerified',
      'RewardFixed',
      'RewardEarned',
    ]);
    const hash = proofHash(proof, world.alice.address);
    expect(events[3]).toMatchObject({ operator: world.alice.address, stakeWei: STAKE });
    expect(events[6]).toMatchObject({
      sequence: 2n,
      firstBatch: 4n,
      lastBatch: 4n,
      claimedStateRoot: ROOT + 1n,
      transactionHash: other.transactionHash,
      blockNumber: other.blockNumber,
    });
    expect(events[7]).toMatchObject({
      sequence: 1n,
      operator: world.alice.address,
      round: 1n,
      proofHash: hash,
      stakeWei: STAKE,
    });
    expect(events[11]).toMatchObject({
      sequence: 1n,
      operator: world.alice.address,
      amountWei: REWARD,
    });
    expect(events[9]).toMatchObject({
      sequence: 1n,
      operator: world.alice.address,
      lastBatch: 3n,
      prevStateRoot: GENESIS,
      newStateRoot: ROOT,
      exitRoot: 0n,
      proofHash: hash,
      transactionHash,
    });

    expect(await world.reader.getBatches(1n)).toEqual(BATCHES);
    const submitted = events[6]!;
    if (submitted.name !== 'SequenceSubmitted') throw submitted;
    expect(await world.reader.getBatches(submitted)).toEqual(BATCHES.slice(0, 1));
    await expect(world.reader.getBatches({ ...submitted, newDataHash: 1n })).rejects.toMatchObject({
      code: 'BATCH_DATA_WRONG',
    });
    await expect(world.reader.getBatches({ ...submitted, transactionHash })).rejects.toMatchObject({
      code: 'BATCH_DATA_MISSING',
    });
  });

  it('reads events in pieces without losing any', async () => {
    await world.sequencer.sequence(1n, BATCHES, ROOT);
    await world.sequencer.sequence(4n, BATCHES, ROOT);
    const { deployment } = world;
    const range = [BigInt(deployment.startBlock), await world.reader.blockNumber()] as const;
    const whole = await world.reader.getEvents(...range);
    expect(whole).toHaveLength(7);
    for (const eventBlocks of [1n, 2n, 3n]) {
      const pieces = new SettlementClient(
        { rpcUrl: anvil.url, deployment, eventBlocks },
        { logger: silentLogger },
      );
      expect(await pieces.getEvents(...range)).toEqual(whole);
    }
    expect(await world.reader.getEvents(range[1] + 1n, range[1])).toEqual([]);
  });

  it('gives the public inputs of its proof in the order of the statement', async () => {
    await world.sequencer.sequence(1n, BATCHES, ROOT);
    const { newDataHash } = await world.reader.getSequence(1n);
    const inputs = await world.reader.getPublicInputs(1n, 9n);
    expect(inputs.map(BigInt)).toEqual([
      GENESIS,
      ROOT,
      0n,
      newDataHash,
      1n,
      3n,
      9n,
      ROLLUP.configHash,
      ROLLUP.keySetRoot,
      0n,
    ]);
    const { address } = world.alice;
    expect((await world.reader.getPublicInputs(1n, 9n, address)).map(BigInt).at(-1)).toBe(BigInt(address));
  });

  it('pays the operator once there are funds', async () => {
    await world.sequencer.sequence(1n, BATCHES, ROOT);
    await verify(1n);
    const { alice, reader } = world;
    await expect(alice.claimRewards()).rejects.toMatchObject({
      code: 'InsufficientFunds',
      details: { available: 0n, required: REWARD },
      retryable: true,
    });
    await world.stranger.fundRewards(100n);
    await alice.claimRewards();
    expect(await reader.getRewards(alice.address)).toEqual({
      earnedWei: 5n,
      claimedWei: 5n,
      availableWei: 95n,
    });
    await expect(alice.claimRewards()).rejects.toMatchObject({
      code: 'NothingToClaim',
      details: { operator: alice.address },
    });
  });

  it('takes the same submission once', async () => {
    const { sequencer, reader } = world;
    await sequencer.sequence(1n, BATCHES, ROOT);
    const before = [await reader.getState(), await reader.getSequence(1n)];
    await expect(sequencer.sequence(1n, BATCHES, ROOT)).rejects.toMatchObject({
      name: 'SettlementError',
      code: 'UnexpectedBatch',
      details: { expected: 4n, given: 1n },
      message: 'batch 1 was submitted already: the next sequence begins with batch 4.',
      retryable: false,
    });
    expect([await reader.getState(), await reader.getSequence(1n)]).toEqual(before);
    expect(await reader.getBatches(1n)).toEqual(BATCHES);
    // What comes next is not held up.
    expect(await sequencer.sequence(4n, BATCHES, ROOT)).toMatchObject({ sequence: 2n });
  });

  it('takes many transactions of one account at once', async () => {
    const sent = await Promise.all(
      BATCHES.map((batch, i) => world.sequencer.sequence(BigInt(i) + 1n, [batch], BigInt(i))),
    );
    expect(sent.map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n]);
  });
});

describe('refusals of the contracts', () => {
  const refused = (call: Promise<unknown>, code: SettlementError['code'], details: object) =>
    expect(call).rejects.toMatchObject({ name: 'SettlementError', code, details });

  it('NotSequencer, UnexpectedBatch, EmptySequence, EmptyBatch', async () => {
    const { alice, sequencer } = world;
    await refused(alice.sequence(1n, BATCHES, ROOT), 'NotSequencer', {
      caller: alice.address,
      sequencer: sequencer.address,
    });
    for (const given of [0n, 2n, 2n ** 64n - 1n])
      await refused(sequencer.sequence(given, BATCHES, ROOT), 'UnexpectedBatch', { expected: 1n, given });
    await refused(sequencer.sequence(1n, [], ROOT), 'EmptySequence', {});
    await refused(sequencer.sequence(1n, [Uint8Array.of(0), new Uint8Array()], ROOT), 'EmptyBatch', {
      index: 1n,
    });
    expect((await world.reader.getState()).lastSequence).toBe(0n);
  });

  it('AlreadyRegistered, InsufficientStake', async () => {
    const { alice, stranger } = world;
    await refused(alice.registerOperator(STAKE), 'AlreadyRegistered', { operator: alice.address });
    await refused(stranger.registerOperator(STAKE - 1n), 'InsufficientStake', {
      sent: STAKE - 1n,
      minimum: STAKE,
    });
  });

  it('NotOperator, ZeroProofHash, UnknownSequence, AlreadyCommitted', async () => {
    const { alice, stranger, reader } = world;
    const hash = proofHash(proofThat('holds'), alice.address);
    await world.sequencer.sequence(1n, BATCHES, ROOT);
    await refused(stranger.commit(1n, hash), 'NotOperator', { caller: stranger.address });
    await refused(alice.commit(1n, `0x${'0'.repeat(64)}`), 'ZeroProofHash', {});
    const unknown = { sequence: 2n, lastSequence: 1n };
    await refused(alice.commit(2n, hash), 'UnknownSequence', unknown);
    await refused(alice.reveal(2n, proofThat('holds'), ROOT, 0n), 'UnknownSequence', unknown);
    await refused(reader.getSequence(2n), 'UnknownSequence', unknown);
    await refused(reader.windows(2n), 'UnknownSequence', unknown);
    await alice.commit(1n, hash);
    await refused(alice.commit(1n, hash), 'AlreadyCommitted', {
      sequence: 1n,
      round: 1n,
      operator: alice.address,
    });
  });

  it('RevealWindowNotOpen, CommitWindowClosed, RevealWindowClosed, then a new round', async () => {
    const { alice, bob } = world;
    const proof = proofThat('holds');
    await world.sequencer.sequence(1n, BATCHES, ROOT);
    const { blockNumber: opened } = await alice.commit(1n, proofHash(proof, alice.address));
    await refused(alice.reveal(1n, proof, ROOT, 0n), 'RevealWindowNotOpen', {
      sequence: 1n,
      blockNumber: opened + 1n,
      firstBlock: opened + 4n,
    });
    await world.mineToReveal(1n);
    await refused(bob.commit(1n, proofHash(proof, bob.address)), 'CommitWindowClosed', {
      sequence: 1n,
      blockNumber: opened + 4n,
      lastBlock: opened + 3n,
    });
    await world.mine(REVEAL_WINDOW);
    await refused(alice.reveal(1n, proof, ROOT, 0n), 'RevealWindowClosed', {
      sequence: 1n,
      blockNumber: opened + 7n,
      lastBlock: opened + 6n,
    });
    await bob.commit(1n, proofHash(proof, bob.address));
    expect((await world.reader.windows(1n))?.round).toBe(2n);
    expect(await world.reader.getCommitment(1n, alice.address)).toBeUndefined();
  });

  it('NoCommitment, ProofHashMismatch', async () => {
    const { alice, bob } = world;
    const proof = proofThat('holds');
    await world.sequencer.sequence(1n, BATCHES, ROOT);
    await refused(alice.reveal(1n, proof, ROOT, 0n), 'NoCommitment', {
      sequence: 1n,
      round: 0n,
      operator: alice.address,
    });
    const hash = proofHash(proof, alice.address);
    await alice.commit(1n, hash);
    await world.mineToReveal(1n);
    await refused(bob.reveal(1n, proof, ROOT, 0n), 'NoCommitment', {
      sequence: 1n,
      round: 1n,
      operator: bob.address,
    });
    const other = proofThat('holds', 1);
    await refused(alice.reveal(1n, other, ROOT, 0n), 'ProofHashMismatch', {
      expected: hash,
      actual: proofHash(other, alice.address),
    });
  });

  it('ProofHashMismatch for a copied commitment', async () => {
    const { alice, bob } = world;
    const proof = proofThat('holds');
    await world.sequencer.sequence(1n, BATCHES, ROOT);
    const hash = proofHash(proof, alice.address);
    await alice.commit(1n, hash);
    await bob.commit(1n, hash);
    await world.mineToReveal(1n);
    await refused(bob.reveal(1n, proof, ROOT, 0n), 'ProofHashMismatch', {
      expected: hash,
      actual: proofHash(proof, bob.address),
    });
  });

  it('OutOfOrder, and the later proof stays valid', async () => {
    const { alice, bob } = world;
    const proof = proofThat('holds');
    await world.sequencer.sequence(1n, BATCHES, ROOT);
    await world.sequencer.sequence(4n, BATCHES, ROOT + 1n);
    await alice.commit(1n, proofHash(proof, alice.address));
    await bob.commit(2n, proofHash(proof, bob.address));
    await world.mineToReveal(1n);
    await refused(bob.reveal(2n, proof, ROOT + 1n, 0n), 'OutOfOrder', { sequence: 2n, next: 1n });
    await alice.reveal(1n, proof, ROOT, 0n);
    await bob.reveal(2n, proof, ROOT + 1n, 0n);
    expect((await world.reader.getState()).verifiedSequence).toBe(2n);
  });

  it('StateRootMismatch, AlreadyRevealed, AlreadyVerified; a wrong proof is not even sent', async () => {
    const { alice, bob } = world;
    await world.sequencer.sequence(1n, BATCHES, ROOT);
    const bad = proofThat('fails');
    const throwing = proofThat('reverts');
    await alice.commit(1n, proofHash(bad, alice.address));
    await bob.commit(1n, proofHash(throwing, bob.address));
    await world.mineToReveal(1n);
    await refused(alice.reveal(1n, bad, ROOT + 1n, 0n), 'StateRootMismatch', {
      claimed: `0x${ROOT.toString(16).padStart(64, '0')}`,
      given: `0x${(ROOT + 1n).toString(16).padStart(64, '0')}`,
    });
    for (const outcome of [alice.reveal(1n, bad, ROOT, 0n), bob.reveal(1n, throwing, ROOT, 0n)])
      await expect(outcome).rejects.toMatchObject({
        name: 'ChainError',
        code: 'PROOF_REFUSED',
        details: { sequence: 1n },
      });
    expect((await world.reader.getState()).verifiedSequence).toBe(0n);
    expect((await alice.getOperator(alice.address)).stakeWei).toBe(STAKE);

    await world.mine(REVEAL_WINDOW);
    await verify(1n);
    const proof = proofThat('holds');
    await refused(alice.reveal(1n, proof, ROOT, 0n), 'AlreadyRevealed', {
      sequence: 1n,
      round: 2n,
      operator: alice.address,
    });
    await refused(bob.commit(1n, proofHash(proof, bob.address)), 'AlreadyVerified', { sequence: 1n });
  });
});

describe('what is not the contracts', () => {
  it('refuses to write without a key', async () => {
    expect(() => world.reader.address).toThrow(expect.objectContaining({ code: 'NO_KEY' }));
    await expect(world.reader.claimRewards()).rejects.toMatchObject({ code: 'NO_KEY' });
  });

  it('names a bad key', () => {
    const { deployment } = world;
    expect(
      () =>
        new SettlementClient({ rpcUrl: anvil.url, deployment, privateKey: '0x12' }, { logger: silentLogger }),
    ).toThrow(expect.objectContaining({ code: 'BAD_KEY' }));
  });

  it('says that a chain has no such contract, or is another one', async () => {
    const { deployment } = world;
    const empty = clientsOf(anvil.url, { ...deployment, settlement: world.stranger.address });
    await expect(empty.reader.getState()).rejects.toMatchObject({ code: 'NO_CONTRACT' });
    const elsewhere = clientsOf(anvil.url, { ...deployment, chainId: 1 });
    await expect(elsewhere.sequencer.sequence(1n, BATCHES, ROOT)).rejects.toMatchObject({
      code: 'WRONG_CHAIN',
    });
  });

  it('tells a block’s hash, and that there is no such block', async () => {
    const block = await world.reader.blockNumber();
    expect(await world.reader.blockHash(block)).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await world.reader.blockHash(block + 1n)).toBeUndefined();
  });

  it('says that the chain does not answer, without showing credentials', async () => {
    const { reader, alice } = clientsOf('http://user:secret@127.0.0.1:9/key/secret', world.deployment);
    const calls = [reader.getState(), reader.blockNumber(), alice.registerOperator(1n)];
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ reason: { code: 'RPC_FAILED', retryable: true } });
      expect(String((result as PromiseRejectedResult).reason.message)).not.toContain('secret');
    }
  });

  it('names an account without money', async () => {
    const broke = new SettlementClient(
      { rpcUrl: anvil.url, deployment: world.deployment, privateKey: `0x${'11'.repeat(32)}` },
      { logger: silentLogger },
    );
    await expect(broke.fundRewards(1n)).rejects.toMatchObject({ code: 'TRANSACTION_REFUSED' });
    expect(DEVELOPMENT_ACCOUNTS.map(({ address }) => address)).not.toContain(broke.address);
  });
});
