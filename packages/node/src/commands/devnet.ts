import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, fieldToHex } from '@polyproof/base';
import { encodeBase58 } from '@polyproof/svm';
import type { DevnetConfig } from '../config.js';
import { Devnet } from '../devnet.js';
import { Progress } from '../terminal/progress.js';
import { reportProgress } from './report-progress.js';

const LAMPORTS_PER_SOL = 1_000_000_000;

/** Runs a local network until the process is asked to stop. */
export async function devnet(config: DevnetConfig): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  const progress = new Progress(process.stdout);
  const logFile = join(config.dataDirectory, 'logs', 'devnet.log');
  const logger = createLogger({ level: 'info', file: logFile });
  const starting = Devnet.start(config, { logger, onProgress: (step) => progress.line(step) });
  const network = await starting;
  printWelcome(config, network, logFile);
  reportProgress(network, progress);
  await stopped;
  progress.line('stopping');
  await network.close();
  progress.close();
  console.log('stopped; the same command continues here');
}

function printWelcome(config: DevnetConfig, network: Devnet, logFile: string): void {
  const keys = join(config.dataDirectory, 'keys');
  mkdirSync(keys, { recursive: true });
  console.log(`
Rollup (Solana JSON-RPC)  ${network.rpc.url}
Base chain (EVM)          ${network.anvil.url}   chain id ${network.anvil.chainId}
Settlement contract       ${network.deployment.settlement}
Aggregator for provers    ${network.aggregator.url}
Log                       ${logFile}
State root                ${fieldToHex(network.bank.stateRoot)}

Funded accounts, ${Number(config.accountLamports) / LAMPORTS_PER_SOL} SOL each at the start (keypair files in ${keys}):`);
  for (const { name, address, secretKey } of network.accounts) {
    const file = join(keys, `${name.replaceAll(' ', '-')}.json`);
    writeFileSync(file, JSON.stringify(Array.from(secretKey)), { mode: 0o600 });
    console.log(`  ${name.padEnd(10)}  ${encodeBase58(address)}`);
  }
  if (network.artifacts.srs.kind === 'development')
    console.log('\nProofs use the development SRS: fine on this local chain, worthless anywhere else.');
  console.log('\nThese keys are public: never send them anything of value. Ctrl-C stops.\n');
}
