// Sets up and runs one command: node scripts/run.mjs demo|devnet|bench|... [arguments]
import { join } from 'node:path';
import { become, root, setUp } from './setup.mjs';

const [command = 'help', ...args] = process.argv.slice(2);
const startedAt = Date.now();
setUp();
const env = { ...process.env, POLYPROOF_STARTED_AT: String(startedAt) };
if (command === 'bench') become(process.execPath, [join(root, 'bench/dist/index.js'), ...args], { env });
else become(process.execPath, [join(root, 'packages/node/dist/cli.js'), command, ...args], { env });
