import { benchCircuits } from './circuits.js';
import { benchDatabase } from './database/index.js';
import { benchDispatch } from './dispatch/index.js';
import { printTable, type Report } from './report.js';
import { benchSvm } from './svm/index.js';
import { benchTree } from './tree.js';
import { benchVerifiers } from './verifiers.js';
import { benchZkvm } from './zkvm/index.js';

const BENCHES: Record<string, () => Promise<Report>> = {
  circuits: benchCircuits,
  database: benchDatabase,
  dispatch: benchDispatch,
  svm: benchSvm,
  tree: benchTree,
  verifiers: benchVerifiers,
  zkvm: benchZkvm,
};

const json = process.argv.includes('--json');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
for (const name of wanted)
  if (!(name in BENCHES)) {
    process.stderr.write(
      `polyproof: there is no bench "${name}": choose from ${Object.keys(BENCHES).join(', ')}.\n`,
    );
    process.exit(1);
  }
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`running ${name}\n`);
  const report = await bench();
  if (json) console.log(JSON.stringify(report));
  else printTable(report);
}
process.exit(0);
