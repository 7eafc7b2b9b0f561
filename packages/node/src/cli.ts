#!/usr/bin/env node
import { silentLogger } from '@polyproof/base';
import { configHelp, parseConfigFlags, parseFlags } from './commands/flags.js';
import { DEVNET_CONFIG } from './config.js';
import { describeError } from './describe-error.js';
import { NodeError } from './errors.js';
import { ROLLUP_NODE_CONFIG } from './rollup-node-config.js';

const HELP = `polyproof - a proving layer for rollups

  polyproof demo [--json]          run the whole way once: transfers, proofs, verification
  polyproof devnet [flags]         run a local network until Ctrl-C
  polyproof node [flags]           run a rollup's node without a base chain until Ctrl-C
  polyproof prover --join URL      prove for an aggregator, of this machine or another [--name NAME] [--threads N]
                                   [--memory 8G] [--key-file FILE] [--ca-file FILE] [--metrics-port N]
  polyproof prove --program FILE --input FILE
                                   prove a compiled Noir program on this machine [--out DIR] [--evm]
  polyproof operator report        what sequences cost and earned [--json] [--data-directory DIR]
                                   [--proving-second-wei N]
  polyproof bridge ACTION          deposit ADDRESS LAMPORTS, withdraw-address 0xACCOUNT, claim 0xACCOUNT,
                                   force KEYPAIR_FILE LAMPORTS 0xACCOUNT, void
                                   [--data-directory DIR] [--base-chain URL] [--rollup URL]
  polyproof verify --system NAME   the verdict on a proof: --key FILE --inputs FILE --proof FILE [--json];
                                   --list names the systems; ends with 0: valid, 1: invalid, 2: undecided
  polyproof build                  compile the circuits, make keys and the SRS [--signatures proved]
  polyproof help

Flags, with their defaults; --config FILE reads them from JSON; POLYPROOF_RPC_PORT and so on from the environment.
`;

function help(): string {
  const devnet = configHelp(DEVNET_CONFIG, {
    databaseUrl: 'embedded, in the data directory',
    proverThreads: 'all cores, in turns',
    leastMarginWei: 'none: the operator competes for every sequence',
    blobsUrl: 'files',
    metricsPort: 'none',
  });
  const node = configHelp(ROLLUP_NODE_CONFIG, {
    executors: 'all cores but one',
    mempoolPerFeePayer: 'a quarter of the mempool',
    genesisFile: 'none',
  });
  return `${HELP}\nOf devnet:\n${devnet}\n\nOf node:\n${node}`;
}

// Modules are loaded by the command that needs them: help and refusals come at once.
async function main([command = 'help', ...args]: string[]): Promise<void> {
  const startedAt = Number(process.env.POLYPROOF_STARTED_AT ?? Date.now());
  switch (command) {
    case 'demo': {
      const { flags, config } = parseFlags(args, { json: { type: 'boolean' } });
      const json = flags.json === true;
      const { demo } = await import('./commands/demo.js');
      const result = await demo({ json, cacheDirectory: config.cacheDirectory, startedAt });
      if (json) console.log(JSON.stringify(result));
      if (!result.ok) throw new NodeError('DEMO_FAILED', 'the verified root is not the root of the rollup.');
      return;
    }
    case 'devnet': {
      const { config } = parseFlags(args, {}, { devnet: true });
      const { devnet } = await import('./commands/devnet.js');
      return devnet(config);
    }
    case 'node': {
      const { config } = parseConfigFlags(ROLLUP_NODE_CONFIG, args);
      const { node } = await import('./commands/node.js');
      return node(config);
    }
    case 'build': {
      const fields = ['cacheDirectory', 'srs', 'signatures'];
      const { config } = parseConfigFlags(DEVNET_CONFIG, args, { fields });
      const { buildArtifacts, LOCAL_CHAIN_ID } = await import('@polyproof/proofs');
      const artifacts = await buildArtifacts(
        { ...config, chainId: LOCAL_CHAIN_ID },
        { logger: silentLogger, onProgress: (step) => process.stderr.write(`polyproof: ${step}\n`) },
      );
      console.log(artifacts.directory);
      return;
    }
    case 'bridge': {
      const { bridge } = await import('./commands/bridge.js');
      return bridge(args);
    }
    case 'operator': {
      const { operator } = await import('./commands/operator.js');
      return operator(args);
    }
    case 'verify': {
      const { verify } = await import('./commands/verify.js');
      process.exitCode = await verify(args);
      return;
    }
    case 'prover': {
      const { prover } = await import('./commands/prover.js');
      return prover(args);
    }
    case 'prove': {
      const { prove } = await import('./commands/prove.js');
      return prove(args);
    }
    case 'help':
    case '--help':
      console.log(help());
      return;
    default:
      throw new NodeError('USAGE', `there is no command "${command}": see \`polyproof help\`.`);
  }
}

/** Of `verify` 1 is a verdict. Of `prove` 2 is for what was to be proved and cannot be, so that a script can tell it from trouble. */
function exitCode(command: string | undefined, error: unknown): number {
  if (command === 'verify') return 2;
  const { code } = (error ?? {}) as { code?: unknown };
  return command === 'prove' && (code === 'PROGRAM_REFUSED' || code === 'INPUTS_REFUSED') ? 2 : 1;
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`polyproof: ${describeError(error)}\n`);
    process.exit(exitCode(process.argv[2], error));
  },
);
