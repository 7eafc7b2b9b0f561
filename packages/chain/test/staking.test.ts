import { silentLogger } from '@polyproof/base';
import { createPublicClient, createWalletClient, encodeDeployData, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Anvil,
  BURN_ADDRESS,
  DEVELOPMENT_ACCOUNTS,
  operatorRegistryAbi,
  operatorRegistryBytecode,
  proofHash,
  SettlementClient,
  startAnvil,
} from '../src/index.js';
import {
  clientsOf,
  createWorld,
  PENALTIES,
  proofThat,
  REVEAL_WINDOW,
  SHARE_WINDOW,
  STAKE,
  type World,
} from './fixture.js';

const ROOT = 0xabcn;
const { wrongProofWei: LOCK, missedRevealWei, failedRoundWei } = PENALTIES;

let anvil: Anvil;
let world: World;
beforeAll(async () => {
  anvil = await startAnvil({ logger: silentLogger });
});
afterAll(() => anvil.close());
beforeEach(async () => {
  world = await createWorld(anvil);
  await world.sequencer.sequence(1n, [Uint8Array.of(1, 0)], ROOT);
});

const commits = (client: SettlementClient, salt: number) =>
  client.commit(1n, proofHash(proofThat('holds', salt), client.address));
const reveals = (client: SettlementClient, salt: number) =>
  client.reveal(1n, proofThat('holds', salt), ROOT, 0n);
const stakeOf = async (client: SettlementClient) => (await client.getOperator(client.address)).stakeWei;
const earnedBy = async (client: SettlementClient) => (await client.getRewards(client.address)).earnedWei;
const statusOf = async (client: SettlementClient) =>
  (await client.getCommitment(1n, client.address, 1n))?.status;

describe('two operators', () => {
  it('share a reward by stake, and the dust is kept', async () => {
    const { alice, bob } = world;
    await bob.addStake(2n * STAKE);
    await commits(alice, 1);
    await commits(bob, 2);
    await world.mineToReveal(1n);
    await reveals(alice, 1);
    expect(await statusOf(alice)).toBe('revealed');
    await reveals(bob, 2);
    expect(await statusOf(bob)).toBe('settled');
    await world.stranger.settleCommitments(1n, 1n, [alice.address, bob.address]);
    expect(await statusOf(alice)).toBe('settled');
    // Of 5 wei a quarter and three quarters.
    expect([await earnedBy(alice), await earnedBy(bob)]).toEqual([1n, 3n]);
    expect(await world.reader.getReward(1n)).toBe(5n);
  });

  it('pay for a reveal that was missed, and free the rest', async () => {
    const { alice, bob } = world;
    await commits(alice, 1);
    await commits(bob, 2);
    expect(await bob.getOperator(bob.address)).toMatchObject({ stakeWei: STAKE, lockedWei: LOCK });
    await world.mineToReveal(1n);
    await reveals(alice, 1);
    const { lastShareBlock } = (await world.reader.windows(1n))!;
    await expect(world.stranger.settleCommitments(1n, 1n, [bob.address])).rejects.toMatchObject({
      code: 'RoundNotOver',
      details: { sequence: 1n, round: 1n, lastBlock: lastShareBlock },
      retryable: true,
    });
    await world.mine(REVEAL_WINDOW + SHARE_WINDOW);
    const { blockNumber } = await world.stranger.settleCommitments(1n, 1n, [alice.address, bob.address]);
    expect(await world.reader.getEvents(blockNumber, blockNumber)).toMatchObject([
      { name: 'RewardFixed', rewardWei: 5n, stakeWei: STAKE },
      { name: 'RewardEarned', operator: alice.address, amountWei: 5n },
      { name: 'StakeSlashed', operator: bob.address, amountWei: missedRevealWei },
      {
        name: 'CommitmentPenalised',
        operator: bob.address,
        offence: 'missedReveal',
        amountWei: missedRevealWei,
      },
    ]);
    expect(await bob.getOperator(bob.address)).toMatchObject({
      // Below the least stake now.
      active: false,
      stakeWei: STAKE - missedRevealWei,
      lockedWei: 0n,
    });
    await bob.addStake(missedRevealWei);
    expect((await bob.getOperator(bob.address)).active).toBe(true);
  });

  it('pay for a round in which nobody revealed; the stake is burnt', async () => {
    const { alice, bob, reader } = world;
    await commits(alice, 1);
    await commits(bob, 2);
    await world.mineToReveal(1n);
    await world.mine(REVEAL_WINDOW);
    await alice.settleCommitments(1n, 1n, [alice.address, bob.address]);
    expect([await stakeOf(alice), await stakeOf(bob)]).toEqual([
      STAKE - failedRoundWei,
      STAKE - failedRoundWei,
    ]);
    expect(await reader.getStake()).toEqual({
      totalWei: 2n * (STAKE - failedRoundWei),
      slashedWei: 2n * failedRoundWei,
    });
    const chain = createPublicClient({ transport: http(anvil.url), cacheTime: 0 });
    const balance = () => chain.getBalance({ address: BURN_ADDRESS });
    const before = await balance();
    await world.stranger.sendSlashed();
    expect((await balance()) - before).toBe(2n * failedRoundWei);
    expect((await reader.getStake()).slashedWei).toBe(0n);
  });
});

describe('stake', () => {
  it('leaves after its delay, and not while it is locked', async () => {
    const { alice } = world;
    await commits(alice, 1);
    await expect(alice.requestUnbond(STAKE)).rejects.toMatchObject({
      code: 'InsufficientFreeStake',
      details: { operator: alice.address, free: STAKE - LOCK, required: STAKE },
    });
    const { blockNumber } = await alice.requestUnbond(STAKE - LOCK);
    const withdrawableAt = blockNumber + 50_400n;
    expect(await alice.getOperator(alice.address)).toEqual({
      active: false,
      stakeWei: LOCK,
      lockedWei: LOCK,
      unbondingWei: STAKE - LOCK,
      withdrawableAt,
    });
    await expect(alice.withdrawStake()).rejects.toMatchObject({
      code: 'StillUnbonding',
      details: { operator: alice.address, blockNumber: blockNumber + 1n, withdrawableAt },
    });
  });

  it('is paid out after the delay', async () => {
    // A registry of its own, because no settlement takes one with so short a delay.
    const [account] = DEVELOPMENT_ACCOUNTS;
    const wallet = createWalletClient({
      account: privateKeyToAccount(account!.privateKey),
      transport: http(anvil.url),
    });
    const { contractAddress } = await wallet.sendTransactionSync({
      chain: null,
      data: encodeDeployData({
        abi: operatorRegistryAbi,
        bytecode: operatorRegistryBytecode,
        args: [STAKE, 3n, account!.address, BURN_ADDRESS],
      }),
    });
    const deployment = { ...world.deployment, operators: contractAddress! };
    const { alice } = clientsOf(anvil.url, deployment);
    await alice.registerOperator(STAKE);
    await alice.requestUnbond(STAKE);
    await expect(alice.withdrawStake()).rejects.toMatchObject({ code: 'StillUnbonding' });
    await world.mine(2);
    await alice.withdrawStake();
    expect(await alice.getOperator(alice.address)).toMatchObject({ stakeWei: 0n, unbondingWei: 0n });
    await expect(alice.withdrawStake()).rejects.toMatchObject({ code: 'NothingToWithdraw' });
  });

  it('of a commitment that waits is not taken', async () => {
    const { alice } = world;
    await world.sequencer.sequence(2n, [Uint8Array.of(2, 0)], ROOT);
    await alice.commit(2n, proofHash(proofThat('holds'), alice.address));
    await world.mine(50);
    const { lastCommitBlock, firstRevealBlock } = (await world.reader.windows(2n))!;
    expect(firstRevealBlock).toBe(2n ** 64n - 1n);
    await expect(world.stranger.settleCommitments(2n, 1n, [alice.address])).rejects.toMatchObject({
      code: 'RoundNotOver',
    });
    await expect(alice.withdrawCommitment(2n)).rejects.toMatchObject({
      code: 'CommitmentBinding',
      details: { sequence: 2n, round: 1n, lastBlock: lastCommitBlock + 21_600n },
    });
    expect(await alice.getOperator(alice.address)).toMatchObject({ stakeWei: STAKE, lockedWei: LOCK });
  });
});

describe('the administrator', () => {
  it('sets windows and rewards for what comes later', async () => {
    const { deployment, reader, alice } = world;
    const { privateKey, address } = DEVELOPMENT_ACCOUNTS[0]!;
    const admin = new SettlementClient(
      { rpcUrl: anvil.url, deployment, privateKey, pollingIntervalMs: 10 },
      { logger: silentLogger },
    );
    const windows = { commitWindow: 1, revealWindow: 2, shareWindow: 0 };
    const rewards = { blockRewardWei: 3n, priceWei: 4n };
    await admin.setWindows(windows);
    await admin.setRewardPolicy(rewards);
    expect(await reader.getConfig()).toMatchObject({ windows, rewards });
    await world.sequencer.sequence(2n, [Uint8Array.of(2, 0)], ROOT);
    expect([await reader.getReward(1n), await reader.getReward(2n)]).toEqual([5n, 7n]);
    for (const refused of [alice.setWindows(windows), alice.setRewardPolicy(rewards)])
      await expect(refused).rejects.toMatchObject({
        code: 'NotAdmin',
        details: { caller: alice.address, admin: address },
      });
  });
});
