import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBase58 } from '@polyproof/svm';
import { developmentKeypair } from '../../src/development-keys.js';
import { signatureOf, signTransfer } from '../../src/sign-transaction.js';
import { Command } from './command.js';
import { until } from './until.js';

export interface Status {
  slot: number;
  lastBatch: number;
  lastSubmittedBatch: number;
  lastSequence: number;
  verifiedSequence: number;
}

/** Free ports, fast blocks, and no batch or sequence that nobody asked for. */
const FLAGS = {
  'rpc-port': '0',
  'base-chain-port': '0',
  'aggregator-port': '0',
  provers: '0',
  'base-chain-block-seconds': '0.2',
  'block-time-ms': '100',
  'batch-timeout-ms': '600000',
  'sequence-timeout-ms': '600000',
};

/** `polyproof devnet` on a data directory. */
export class Network extends Command {
  readonly directory: string;

  constructor(directory: string, flags: Record<string, string> = {}) {
    const all = { ...FLAGS, 'data-directory': directory, ...flags };
    super(['devnet', ...Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])]);
    this.directory = directory;
  }

  /** Waits until it says that it runs. */
  async started(): Promise<this> {
    await this.printed(/Ctrl-C stops\./);
    return this;
  }

  /** What it printed beside a name, up to the next blank. */
  value(name: string): string {
    return new RegExp(`^${name} +(\\S+)`, 'm').exec(this.stdout)?.[1] ?? '';
  }

  async call<T>(method: string, ...params: unknown[]): Promise<T> {
    const response = await fetch(this.value('Rollup \\(Solana JSON-RPC\\)'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result: T; error?: { message: string } };
    if (error !== undefined) throw new RangeError(`${method}: ${error.message}`);
    return result;
  }

  status(): Promise<Status> {
    return this.call('polyproof_status');
  }

  /** Waits until the status is as wanted. */
  statusWith(wanted: Partial<Status>, patienceMs?: number): Promise<Status> {
    const matching = async () => {
      const status = await this.status();
      const matches = Object.entries(wanted).every(([name, value]) => status[name as keyof Status] === value);
      return matches ? status : undefined;
    };
    return until(`status ${JSON.stringify(wanted)}`, matching, patienceMs);
  }

  /** Transfers from account 1 to account 2 and waits until it is in a block. */
  async transfer(lamports: bigint): Promise<void> {
    const { value } = await this.call<{ value: { blockhash: string } }>('getLatestBlockhash');
    const transaction = await signTransfer({
      from: developmentKeypair('account 1'),
      to: developmentKeypair('account 2'),
      lamports,
      blockhash: value.blockhash,
    });
    const wire = Buffer.from(transaction).toString('base64');
    await this.call('sendTransaction', wire, { encoding: 'base64' });
    await until('the transfer', async () => {
      const { value } = await this.call<{ value: [{ err: unknown } | null] }>('getSignatureStatuses', [
        signatureOf(transaction),
      ]);
      return value[0] === null ? undefined : true;
    });
  }

  /** Of account 2, in lamports. */
  async balance(): Promise<number> {
    const address = encodeBase58(developmentKeypair('account 2').address);
    return (await this.call<{ value: number }>('getBalance', address)).value;
  }

  /** Lines of the logs that are warnings or worse. */
  complaints(): string[] {
    return ['devnet', 'prover-1'].flatMap((name) => {
      let log = '';
      try {
        log = readFileSync(join(this.directory, 'logs', `${name}.log`), 'utf8');
      } catch {
        return []; // this run has no such process
      }
      return log.split('\n').filter((line) => /"level":[456]0/.test(line));
    });
  }
}
