import { silentLogger } from '@polyproof/base';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Anvil, BridgeClient, DEVELOPMENT_ACCOUNTS, startAnvil } from '../src/index.js';
import { proofHash } from '../src/proof-hash.js';
import { createWorld, proofThat, type World } from './fixture.js';

const LEAST = 890_880n;
const wallet = new Uint8Array(32).fill(7);

let anvil: Anvil;
let world: World;
let bridge: BridgeClient;

beforeAll(async () => {
  anvil = await startAnvil({ logger: silentLogger });
});
afterAll(() => anvil.close());
beforeEach(async () => {
  world = await createWorld(anvil);
  const { privateKey } = DEVELOPMENT_ACCOUNTS[5]!;
  const options = { rpcUrl: anvil.url, deployment: world.deployment, pollingIntervalMs: 10, privateKey };
  bridge = new BridgeClient(options, { logger: silentLogger });
});

/** A batch that ends in these deposits, all to the wallet. */
function batchWith(...lamports: bigint[]): Uint8Array {
  const parts = lamports.map((amount) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(amount);
    return Buffer.concat([wallet, bytes]);
  });
  return Uint8Array.from(Buffer.concat([...parts, Uint8Array.of(lamports.length)]));
}

describe('BridgeClient', () => {
  it('deposits, and reads what has enough blocks on top of it', async () => {
    await bridge.deposit(wallet, LEAST);
    await bridge.deposit(wallet, LEAST + 1n);
    const read = (from: bigint, confirmations: number, limit = 16) =>
      bridge.getDeposits(from, { limit, confirmations });
    expect(await read(0n, 0)).toEqual([
      { index: 0n, recipient: wallet, lamports: LEAST },
      { index: 1n, recipient: wallet, lamports: LEAST + 1n },
    ]);
    expect((await read(0n, 1)).map(({ index }) => index)).toEqual([0n]);
    expect(await read(0n, 100_000)).toEqual([]);
    expect((await read(1n, 0)).map(({ index }) => index)).toEqual([1n]);
    expect((await read(0n, 0, 1)).map(({ index }) => index)).toEqual([0n]);
    await world.sequencer.sequence(1n, [batchWith(LEAST), batchWith(LEAST + 1n)], 5n);
    expect(await bridge.availableWei()).toBe((2n * LEAST + 1n) * 10n ** 9n);
    await bridge.fund(5n);
    expect(await bridge.availableWei()).toBe((2n * LEAST + 1n) * 10n ** 9n + 5n);
  });

  it('tells why the contracts refuse', async () => {
    const refused = (sending: Promise<unknown>, code: string) =>
      expect(sending).rejects.toMatchObject({ code });
    await refused(bridge.deposit(wallet, LEAST - 1n), 'DepositTooSmall');
    await refused(bridge.deposit(new Uint8Array(32), LEAST), 'RefusedRecipient');
    await refused(world.sequencer.sequence(1n, [batchWith(LEAST)], 5n), 'WrongDeposit');
    const exit = { sequence: 1n, recipient: new Uint8Array(20), lamports: 1n, bits: 0n, siblings: [] };
    await refused(bridge.claim(exit), 'NoExits');
  });

  it('knows the exits of a verified sequence, and which are paid', async () => {
    await world.sequencer.sequence(1n, [batchWith()], 5n);
    expect(await bridge.getExitRoot(1n)).toBe(0n);
    const proof = proofThat('holds');
    await world.alice.commit(1n, proofHash(proof, world.alice.address));
    await world.mineToReveal(1n);
    await world.alice.reveal(1n, proof, 5n, 77n);
    expect(await bridge.getExitRoot(1n)).toBe(77n);
    const exit = { sequence: 1n, recipient: new Uint8Array(20), lamports: 1n, bits: 0n, siblings: [1n] };
    expect(await bridge.isClaimed(exit)).toBe(false);
    await expect(bridge.claim(exit)).rejects.toMatchObject({ code: 'WrongExit' });
  });
});
