import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex, silentLogger } from '@polyproof/base';
import { BridgeClient, DEVELOPMENT_ACCOUNTS, ForcedInboxClient } from '@polyproof/chain';
import { createPublicClient, createTestClient, http } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HEAVY } from '../../../circuits/test/heavy.js';
import { type Devnet, developmentKeypair, verifiedSequences } from '../src/index.js';
import { Command } from './support/command.js';
import { startProvingDevnet } from './support/proving-devnet.js';

// A withdrawal that the base chain forces, with the real proof behind it: one more proof than every change has time for.
const heavy = it.runIf(HEAVY);

const WITHDRAWAL = 1_234_567_890n;
const FEE = 5_000n;
const DEADLINE = 20;
const RECIPIENT = '0x00000000000000000000000000000000f0ced5ed';
/** has nothing on the rollup */
const beggar = developmentKeypair('nobody');

const directory = mkdtempSync(join(tmpdir(), 'polyproof-forced-'));
let devnet: Devnet;

beforeAll(async () => {
  devnet = await startProvingDevnet(directory, {
    accounts: 1,
    proofWays: 'bound',
    forcedDeadlineBlocks: DEADLINE,
    depositConfirmations: 0,
  });
}, 600_000);

afterAll(async () => {
  await devnet?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function bridge(...args: string[]): Promise<string> {
  const command = new Command([
    ...['bridge', ...args, '--data-directory', directory],
    ...['--base-chain', devnet.anvil.url, '--rollup', devnet.rpc.url],
  ]);
  expect(await command.exit, command.stderr).toBe(0);
  return command.stdout;
}

async function force(wallet: { secretKey: Uint8Array }): Promise<void> {
  const file = join(directory, 'keypair.json');
  writeFileSync(file, JSON.stringify([...wallet.secretKey]));
  expect(await bridge('force', file, String(WITHDRAWAL), RECIPIENT)).toContain('forced a withdrawal');
}

heavy(
  'a withdrawal that the sequencer ignores is forced, proved in one step, and claimed',
  async () => {
    const { sequencer, bank, settlement } = devnet;
    const chain = createTestClient({ mode: 'anvil', transport: http(devnet.anvil.url) });
    const [wallet] = devnet.accounts;
    const before = bank.getAccount(wallet!.address)!.lamports;
    await force(wallet!);

    // A sequencer that censors: its batch of something else is refused once the withdrawal is overdue.
    await chain.mine({ blocks: DEADLINE + 1 });
    const other = settlement.sequence(1n, [Uint8Array.of(97, 0)], bank.stateRoot);
    await expect(other).rejects.toMatchObject({ code: 'WithdrawalOverdue' });

    await sequencer.lookForForced();
    await sequencer.produceBlock();
    expect(bank.lastBatch).toBe(1n);
    await sequencer.produceBlock(); // it is seen still, and not included twice
    expect(await sequencer.closeBatch()).toBeUndefined();
    expect(bank.getAccount(wallet!.address)!.lamports).toBe(before - WITHDRAWAL - FEE);
    expect(bank.getExits(1n)).toEqual([{ recipient: fromHex(RECIPIENT), lamports: WITHDRAWAL }]);
    await sequencer.submitSequence();
    const inbox = new ForcedInboxClient(
      { rpcUrl: devnet.anvil.url, deployment: devnet.deployment },
      { logger: silentLogger },
    );
    expect(await inbox.getForced({ limit: 1, confirmations: 0 })).toEqual([]);

    await devnet.provers.ready;
    await verifiedSequences(devnet, 1, 1_200_000);
    // The genesis is backed by nothing: somebody has to.
    const { privateKey } = DEVELOPMENT_ACCOUNTS[6]!;
    const options = { rpcUrl: devnet.anvil.url, deployment: devnet.deployment, privateKey };
    await new BridgeClient(options, { logger: silentLogger }).fund(WITHDRAWAL * 10n ** 9n);
    expect(await bridge('claim', RECIPIENT)).toContain(`paid ${WITHDRAWAL} lamports of sequence 1`);
    const reader = createPublicClient({ transport: http(devnet.anvil.url) });
    expect(await reader.getBalance({ address: RECIPIENT })).toBe(WITHDRAWAL * 10n ** 9n);
  },
  1_300_000,
);

heavy(
  'one that cannot be paid for is voided by the verified state',
  async () => {
    const { sequencer, bank } = devnet;
    await force(beggar);
    await sequencer.lookForForced();
    await sequencer.produceBlock();
    await sequencer.produceBlock();
    expect(bank.openBatch.transactions).toBe(0);
    expect(bank.lastBatch).toBe(1n);
    expect(await bridge('void')).toContain('voided the forced withdrawal 1');
    expect(await bridge('void')).toContain('no forced withdrawal waits');
  },
  60_000,
);
