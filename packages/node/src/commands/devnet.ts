import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, fieldToHex } from '@polyproof/base';
import { encodeBase58 } from '@polyproof/svm';
import type { DevnetConfig } from '../config.js';
import { makeDataDirectory } from '../data-directory.js';
import { Devnet } from '../devnet.js';
import { NodeError } from '../errors.js';
import { onStop } from '../terminal/on-stop.js';
import { Progress } from '../terminal/progress.js';
import { reportProgress } from './report-progress.js';

const LAMPORTS_PER_SOL = 1_000_000_000;

/**
 * Runs a local network until the process is asked to stop.
 * @throws {NodeError} `BASE_CHAIN_ENDED`; whatever keeps a part from starting
 */
export async function devnet(config: DevnetConfig): Promise<void> {
  let running = false;
  const stopped = new Promise<void>((resolve) =>
    onStop(() => {
      if (running) return resolve();
      // Nothing to wait for yet: all that starts bears to be killed, and a first start can take minutes.
      console.log('stopped before the network ran; the same command continues here');
      process.exit(0);
    }),
  );
  makeDataDirectory(config.dataDirectory);
  const progress = new Progress(process.stdout);
  const logFile = join(config.dataDirectory, 'logs', 'devnet.log');
  const logger = createLogger({ level: 'info', file: logFile });
  const network = await Devnet.start(config, { logger, onProgress: (step) => progress.line(step) });
  running = true;
  try {
    printWelcome(config, network, logFile);
    reportProgress(network, progress);
    await Promise.race([stopped, network.provers.ready.then(() => stopped), endOfBaseChain(network)]);
    progress.line('stopping');
  } finally {
    await network.close();
    progress.close();
  }
  console.log('stopped; the same command continues here');
}

/** Without its base chain a network is of no use, and cannot get it back. */
async function endOfBaseChain({ anvil }: Devnet): Promise<never> {
  await anvil.exited;
  throw new NodeError(
    'BASE_CHAIN_ENDED',
    'the base chain (anvil) ended by itself: see the log, and start again.',
  );
}

function printWelcome(config: DevnetConfig, network: Devnet, logFile: string): void {
  const keys = join(config.dataDirectory, 'keys');
  mkdirSync(keys, { recursive: true });
  console.log(`
Rollup (Solana JSON-RPC)  ${network.rpc.url}
Base chain (EVM)          ${network.anvil.url}   chain id ${network.anvil.chainId}
Settlement contract       ${network.deployment.settlement}
Bridge contract           ${network.deployment.bridge}
Aggregator for provers    ${network.aggregator.url}${network.aggregator.opsUrl === undefined ? '' : `\nMetrics                   ${network.aggregator.opsUrl}/metrics`}
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
