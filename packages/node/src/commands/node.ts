import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, fieldToHex } from '@polyproof/base';
import { encodeBase58 } from '@polyproof/svm';
import { makeDataDirectory } from '../data-directory.js';
import { RollupNode } from '../rollup-node.js';
import type { RollupNodeConfig } from '../rollup-node-config.js';
import { onStop } from '../terminal/on-stop.js';

const LAMPORTS_PER_SOL = 1_000_000_000;

/**
 * Runs a rollup's node until the process is asked to stop.
 * @throws whatever keeps a part from starting
 */
export async function node(config: RollupNodeConfig): Promise<void> {
  const stopped = new Promise<void>((resolve) => onStop(resolve));
  makeDataDirectory(config.dataDirectory);
  const logFile = join(config.dataDirectory, 'logs', 'node.log');
  const running = await RollupNode.start(config, { logger: createLogger({ level: 'info', file: logFile }) });
  try {
    printWelcome(config, running, logFile);
    await stopped;
    console.log('stopping');
  } finally {
    await running.close();
  }
  console.log('stopped; the same command continues here');
}

function printWelcome(config: RollupNodeConfig, { bank, url, accounts }: RollupNode, logFile: string): void {
  const keys = join(config.dataDirectory, 'keys');
  mkdirSync(keys, { recursive: true });
  console.log(`
Rollup (Solana JSON-RPC)  ${url}
Execution                 ${config.execution}
Slot                      ${bank.slot}
State root                ${fieldToHex(bank.stateRoot)}
Log                       ${logFile}

There is no base chain: every closed batch counts as final, and nothing verifies it.`);
  if (accounts.length > 0)
    console.log(`
Funded accounts, ${Number(config.accountLamports) / LAMPORTS_PER_SOL} SOL each at the start (keypair files in ${keys}):`);
  for (const { name, address, secretKey } of accounts) {
    const file = join(keys, `${name.replaceAll(' ', '-')}.json`);
    writeFileSync(file, JSON.stringify(Array.from(secretKey)), { mode: 0o600 });
    console.log(`  ${name.padEnd(10)}  ${encodeBase58(address)}`);
  }
  if (accounts.length > 0 || config.faucet)
    console.log(
      '\nThe keys of these accounts and of the faucet are public: never send them anything of value.',
    );
  console.log('\nCtrl-C stops.\n');
}
