import { sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatBytes, fieldFromHex, u64le } from '@polyproof/base';
import {
  type Account,
  accountKey,
  accountValue,
  initHashing,
  type Siblings,
  verifyTreeProof,
} from '@polyproof/state';
import {
  decodeBase58,
  ed25519KeyPair,
  encodeBase58,
  encodeMessage,
  encodeTransaction,
  SYSTEM_PROGRAM,
} from '@polyproof/svm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HEAVY } from '../../../circuits/test/heavy.js';
import { developmentKeypair } from '../src/index.js';
import { Command, killCommands } from './support/command.js';
import { until } from './support/until.js';

const KILLS = HEAVY ? 50 : 8;
const TRANSFERS = 100;
/** milliseconds under load until the kill; another moment of the node's work each time */
const momentOf = (kill: number) => 40 + ((kill * 37) % 400);

const people = Array.from({ length: 8 }, (_, i) => developmentKeypair(`account ${i + 1}`));
const keys = people.map(({ secretKey }) => ed25519KeyPair(secretKey.subarray(0, 32)).privateKey);
const collector = developmentKeypair('collector');

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-kill-'));
  await initHashing();
});
afterAll(() => {
  killCommands();
  rmSync(directory, { recursive: true, force: true });
});

interface AcknowledgedBlock {
  blockhash: string;
  signatures: string[];
}

/** A client of one life of the node. */
class Client {
  readonly #url: string;
  constructor(url: string) {
    this.#url = url;
  }

  async post(body: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.#url, { method: 'POST', headers, body: JSON.stringify(body) });
    return response.json();
  }

  async call<T>(method: string, ...params: unknown[]): Promise<T> {
    const { result, error } = (await this.post({ jsonrpc: '2.0', id: 1, method, params })) as {
      result: T;
      error?: { message: string };
    };
    if (error !== undefined) throw new RangeError(`${method}: ${error.message}`);
    return result;
  }

  getBlock(slot: number): Promise<AcknowledgedBlock> {
    return this.call('getBlock', slot, {
      transactionDetails: 'signatures',
      rewards: false,
      commitment: 'confirmed',
    });
  }

  /** Sends transfers between all people in one request; resolves when the node has answered. */
  async load(amount: number): Promise<void> {
    const latest = await this.call<{ value: { blockhash: string } }>('getLatestBlockhash');
    const blockhash = decodeBase58(latest.value.blockhash);
    const requests = Array.from({ length: TRANSFERS }, (_, id) => {
      const wire = transfer(id % people.length, (id * 3 + 1) % people.length, BigInt(amount + id), blockhash);
      const params = [Buffer.from(wire).toString('base64'), { encoding: 'base64', skipPreflight: true }];
      return { jsonrpc: '2.0', id, method: 'sendTransaction', params };
    });
    await this.post(requests);
  }

  /** The account as the node proves it under its newest root. */
  async provenLamports(address: Uint8Array, root: string): Promise<bigint> {
    const { account, proof } = await this.call<ProvenAccount>(
      'polyproof_getAccountProof',
      encodeBase58(address),
      { root },
    );
    const { siblings, terminal } = proof;
    const value = verifyTreeProof(fieldFromHex(root), accountKey(address), {
      siblings: siblings.map((level) => level.map(fieldFromHex) as unknown as Siblings),
      terminal:
        terminal.kind === 'leaf'
          ? { kind: 'leaf', key: fieldFromHex(terminal.key), value: fieldFromHex(terminal.value) }
          : { kind: 'empty' },
    });
    const lamports = BigInt(account.lamports);
    const held: Account = {
      lamports,
      data: new Uint8Array(Buffer.from(account.data[0], 'base64')),
      owner: decodeBase58(account.owner),
      executable: account.executable,
      rentEpoch: 2n ** 64n - 1n,
    };
    expect(value).toBe(accountValue(held));
    return lamports;
  }
}

interface ProvenAccount {
  account: { lamports: number; data: [string, string]; owner: string; executable: boolean };
  proof: {
    siblings: `0x${string}`[][];
    terminal: { kind: 'leaf'; key: `0x${string}`; value: `0x${string}` } | { kind: 'empty' };
  };
}

function transfer(from: number, to: number, lamports: bigint, recentBlockhash: Uint8Array): Uint8Array {
  const target = to === from ? (to + 1) % people.length : to;
  const message = encodeMessage({
    version: 'legacy',
    header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 1 },
    accountKeys: [people[from]!.address, people[target]!.address, SYSTEM_PROGRAM],
    recentBlockhash,
    instructions: [
      {
        programIdIndex: 2,
        accountIndexes: Uint8Array.of(0, 1),
        data: concatBytes(Uint8Array.of(2, 0, 0, 0), u64le(lamports)),
      },
    ],
    addressTableLookups: [],
  });
  return encodeTransaction([new Uint8Array(sign(null, message, keys[from]!))], message);
}

/** Asks for the newest blocks again and again, until the node does not answer any more. */
async function acknowledge(client: Client, blocks: Map<number, AcknowledgedBlock>): Promise<void> {
  try {
    for (let next = 0; ; ) {
      const slot = await client.call<number>('getSlot', { commitment: 'confirmed' });
      for (next ||= slot; next <= slot; next++) blocks.set(next, await client.getBlock(next));
    }
  } catch {
    // The node is gone.
  }
}

it(`loses no acknowledged block in ${KILLS} kills under load, and keeps a consistent state`, async () => {
  const args = ['node', '--data-directory', directory, '--rpc-port', '0', '--executors', '1'];
  args.push('--block-time-ms', '25', '--batch-timeout-ms', '200');
  const acknowledged = new Map<number, AcknowledgedBlock>();
  let total: bigint | undefined;
  let included = 0;
  for (let kill = 0; kill <= KILLS; kill++) {
    const command = new Command(args);
    const [, url] = await command.printed(/JSON-RPC\)\s+(http:\S+)/);
    const client = new Client(url!);

    // Everything that was told before is still there, and the state adds up to its root.
    for (const [slot, block] of acknowledged) {
      expect([slot, await client.getBlock(slot)]).toMatchObject([slot, block]);
      included += block.signatures.length;
    }
    acknowledged.clear();
    await until('a state that stands still during the check', async () => {
      const { stateRoot } = await client.call<{ stateRoot: string }>('polyproof_status');
      let sum = 0n;
      for (const { address } of [...people, collector])
        sum += await client.provenLamports(address, stateRoot);
      total ??= sum;
      expect(sum).toBe(total);
      return true;
    });
    if (kill === KILLS) {
      command.signal('SIGTERM');
      expect(await command.exit).toBe(0);
      break;
    }
    const watching = acknowledge(client, acknowledged);
    const loading = (async () => {
      for (let amount = 1 + kill * 1_000_000; ; amount += TRANSFERS) await client.load(amount);
    })().catch(() => {}); // until the node is gone
    // Engines and signature workers start with the first transactions.
    await until('blocks with transactions', () =>
      [...acknowledged.values()].some(({ signatures }) => signatures.length > 0) ? true : undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, momentOf(kill)));
    command.signal('SIGKILL');
    expect(await command.exit).toBe('SIGKILL');
    await Promise.all([watching, loading, command.isGone()]);
  }
  expect(included).toBeGreaterThan(KILLS * TRANSFERS);
}, 1_200_000);
