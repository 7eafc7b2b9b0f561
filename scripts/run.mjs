// Sets up and runs one command: node scripts/run.mjs demo|devnet|bench|... [arguments]
import { join } from 'node:path';
import { become, root, setUp } from './setup.mjs';

const [command = 'help', ...args] = process.argv.slice(2);
const startedAt = Date.now();
setUp();
const { NODE_FLAGS } = await import(join(root, 'packages/node/dist/node-flags.js'));
const env = { ...process.env, POLYPROOF_STARTED_AT: String(startedAt) };
const program = command === 'bench' ? ['bench/dist/index.js'] : ['packages/node/dist/cli.js', command];
become(process.execPath, [...NODE_FLAGS, join(root, program[0]), ...program.slice(1), ...args], { env });
