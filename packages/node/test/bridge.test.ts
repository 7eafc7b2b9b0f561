import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex, silentLogger, sleep } from '@polyproof/base';
import { BridgeClient, DEVELOPMENT_ACCOUNTS } from '@polyproof/chain';
import { encodeBase58, exitAddress } from '@polyproof/svm';
import { address, createSolanaRpc, lamports } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { createPublicClient, http } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type Devnet,
  developmentKeypair,
  sendTransactions,
  signerOf,
  signTransaction,
  verifiedSequences,
} from '../src/index.js';
import { Command } from './support/command.js';
import { startProvingDevnet } from './support/proving-devnet.js';

// From the base chain into the rollup and back, with the real proof in between.

const DEPOSIT = 2_000_000_000n;
const WITHDRAWAL = 1_234_567_890n;
const FEE = 5_000n;
const RECIPIENT = '0x00000000000000000000000000000000feed5eed';
/** has nothing on the rollup but what it deposits */
const wallet = developmentKeypair('from the base chain');

const directory = mkdtempSync(join(tmpdir(), 'polyproof-bridge-'));
let devnet: Devnet;
let bridge: BridgeClient;

beforeAll(async () => {
  devnet = await startProvingDevnet(directory, { accounts: 1 });
  const options = { rpcUrl: devnet.anvil.url, deployment: devnet.deployment };
  const { privateKey } = DEVELOPMENT_ACCOUNTS[6]!;
  bridge = new BridgeClient({ ...options, privateKey }, { logger: silentLogger });
}, 600_000);

afterAll(async () => {
  await devnet?.close();
  rmSync(directory, { recursive: true, force: true });
});

const claim = async () => {
  const command = new Command([
    ...['bridge', 'claim', RECIPIENT, '--data-directory', directory],
    ...['--base-chain', devnet.anvil.url, '--rollup', devnet.rpc.url],
  ]);
  expect(await command.exit).toBe(0);
  return command.stdout;
};

it('ether is deposited, used on the rollup, withdrawn and claimed', async () => {
  const { sequencer, bank, rpc } = devnet;
  await bridge.deposit(wallet.address, DEPOSIT);
  while (bank.nextDeposit === 0n) {
    await sequencer.lookForDeposits();
    await sequencer.produceBlock();
    await sleep(100); // the base chain goes on by itself
  }
  const client = createSolanaRpc(rpc.url);
  const own = address(encodeBase58(wallet.address));
  expect((await client.getBalance(own).send()).value).toBe(DEPOSIT);

  const to = address(encodeBase58(exitAddress(fromHex(RECIPIENT))));
  const source = await signerOf(wallet);
  const sending = sendTransactions(rpc.url, async (blockhash) => [
    await signTransaction({
      payer: wallet,
      instructions: [getTransferSolInstruction({ source, destination: to, amount: lamports(WITHDRAWAL) })],
      blockhash,
    }),
  ]);
  const producing = (async () => {
    while (bank.openBatch.transactions === 0) {
      await sequencer.produceBlock();
      await sleep(50);
    }
  })();
  await Promise.all([sending, producing]);
  expect((await client.getBalance(to).send()).value).toBe(WITHDRAWAL);

  const batch = (await sequencer.closeBatch())!;
  expect([batch.deposits.length, batch.exits]).toEqual([
    1,
    [{ recipient: fromHex(RECIPIENT), lamports: WITHDRAWAL }],
  ]);
  expect((await client.getBalance(to).send()).value).toBe(0n);
  expect((await client.getBalance(own).send()).value).toBe(DEPOSIT - WITHDRAWAL - FEE);
  await sequencer.submitSequence();
  expect(await bridge.availableWei()).toBe(DEPOSIT * 10n ** 9n);
  expect(await claim()).toContain('there is nothing to claim');

  await devnet.provers.ready;
  await verifiedSequences(devnet, 1, 1_200_000);
  expect(await bridge.getExitRoot(1n)).not.toBe(0n);
  const balance = () =>
    createPublicClient({ transport: http(devnet.anvil.url) }).getBalance({ address: RECIPIENT });
  expect(await balance()).toBe(0n);
  expect(await claim()).toContain(`paid ${WITHDRAWAL} lamports of sequence 1`);
  expect(await balance()).toBe(WITHDRAWAL * 10n ** 9n);
  expect(await bridge.availableWei()).toBe((DEPOSIT - WITHDRAWAL) * 10n ** 9n);
  expect(await claim()).toContain('there is nothing to claim');
  expect(await balance()).toBe(WITHDRAWAL * 10n ** 9n);
}, 1_300_000);
