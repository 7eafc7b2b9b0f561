import { silentLogger } from '@polyproof/base';
import { type RuntimeTransaction, SignaturePool } from '@polyproof/svm';
import { figure, type Report } from '../report.js';
import { bareRate } from './bare.js';
import { runtimeRate } from './engine.js';
import { ingest } from './ingest.js';
import { percentile } from './load.js';
import { pipelineRate } from './pipeline.js';
import {
  disjointPairs,
  hotPairs,
  mixedPairs,
  type Pair,
  systemTransfers,
  tokenTransfers,
  users,
} from './workload.js';

const USERS = 512;
const TRANSACTIONS = 26_400;
const BLOCKHASH = new Uint8Array(32).fill(7);
/** the load that a node on two cores is to bear */
const LOAD = { rate: 6_000, seconds: Number(argument('load-seconds') ?? 30) };
const LIGHT = { rate: 200, seconds: 15 };

const KINDS = { System: systemTransfers, 'p-token': tokenTransfers };
const everybody = users(USERS);

/** The node from litesvm alone to clients over HTTP. Takes some minutes; nothing else should run on the machine. */
export async function benchSvm(): Promise<Report> {
  const figures: Report['figures'] = [];
  for (const part of [engineFigures, pipelineFigures, ingestFigures]) {
    process.stderr.write(`  ${part.name}\n`);
    figures.push(...(await part()));
  }
  return { bench: 'svm', figures };
}

async function engineFigures(): Promise<Report['figures']> {
  const figures: Report['figures'] = [];
  const signatures = new SignaturePool({ workers: 1 }, { logger: silentLogger });
  const verify = async (transactions: readonly RuntimeTransaction[]) => {
    const valid = await Promise.all(transactions.map(({ transaction }) => signatures.verify(transaction)));
    if (valid.includes(false)) throw new Error('a signature was refused');
  };
  try {
    for (const [kind, make] of Object.entries(KINDS)) {
      const rate = async (pair: Pair, executors: number, checked: boolean) =>
        runtimeRate(everybody, make(TRANSACTIONS, BLOCKHASH, pair), {
          executors,
          blockhash: BLOCKHASH,
          ...(checked ? { verify } : {}),
        });
      const transactions = make(TRANSACTIONS, BLOCKHASH, disjointPairs(everybody));
      const bare = bareRate(everybody, transactions, { verifySignatures: false });
      const bareChecked = bareRate(everybody, transactions, { verifySignatures: true });
      const [one, two] = [
        await rate(disjointPairs(everybody), 1, true),
        await rate(disjointPairs(everybody), 2, true),
      ];
      const [hotOne, hotTwo] = [
        await rate(hotPairs(everybody), 1, true),
        await rate(hotPairs(everybody), 2, true),
      ];
      figures.push(
        figure(`${kind}, litesvm alone, no signature checks`, bare, 'tx/s'),
        figure(`${kind}, litesvm alone, signature checks`, bareChecked, 'tx/s'),
        figure(
          `${kind}, 1 engine, no signature checks`,
          await rate(disjointPairs(everybody), 1, false),
          'tx/s',
        ),
        figure(`${kind}, 1 engine, signature checks`, one, 'tx/s'),
        figure(`${kind}, 2 engines, signature checks, disjoint accounts`, two, 'tx/s'),
        figure(
          `${kind}, 2 engines, signature checks, mixed accounts`,
          await rate(mixedPairs(everybody), 2, true),
          'tx/s',
        ),
        figure(`${kind}, 1 engine, signature checks, one hot account`, hotOne, 'tx/s'),
        figure(`${kind}, 2 engines, signature checks, one hot account`, hotTwo, 'tx/s'),
        figure(`${kind}, 2 engines against 1, disjoint accounts`, two / one, 'times'),
        figure(`${kind}, 2 engines against litesvm alone, signature checks`, two / bareChecked, 'times'),
        figure(`${kind}, 2 engines against 1, one hot account`, hotTwo / hotOne, 'times'),
      );
    }
    return figures;
  } finally {
    await signatures.close();
  }
}

async function pipelineFigures(): Promise<Report['figures']> {
  const figures: Report['figures'] = [];
  for (const [kind, make] of Object.entries(KINDS)) {
    const pair = mixedPairs(everybody);
    const { transactions, accounts } = await pipelineRate(everybody, (n, hash) => make(n, hash, pair), {
      executors: 1,
    });
    figures.push(
      figure(`${kind}, blocks on disk (execution, history, tree)`, transactions, 'tx/s'),
      figure(`${kind}, accounts updated in the tree meanwhile`, accounts, 'accounts/s'),
    );
  }
  return figures;
}

async function ingestFigures(): Promise<Report['figures']> {
  const people = users(256);
  const figures: Report['figures'] = [];
  for (const [name, batch] of [
    ['one transaction a request', 1],
    ['JSON-RPC batches of 10', 10],
  ] as const) {
    const loaded = await ingest(people, { ...LOAD, batch });
    const refused = [...loaded.refusals.values()].reduce((sum, n) => sum + n, 0);
    figures.push(
      figure(`HTTP, ${name}: sent`, loaded.sent / loaded.seconds, 'tx/s'),
      figure(`HTTP, ${name}: in blocks`, loaded.confirmedRate, 'tx/s'),
      figure(`HTTP, ${name}: refused`, refused, 'tx'),
      figure(`HTTP, ${name}: expired`, loaded.expired, 'tx'),
      figure(`HTTP, ${name}: answer, median`, percentile(loaded.answerMs, 0.5), 'ms'),
      figure(`HTTP, ${name}: send to confirmed, median`, percentile(loaded.confirmedMs, 0.5), 'ms'),
      figure(`HTTP, ${name}: send to confirmed, 99 %`, percentile(loaded.confirmedMs, 0.99), 'ms'),
      figure(`HTTP, ${name}: memory of the node`, loaded.peakMemoryBytes / 2 ** 20, 'MiB'),
    );
  }
  const light = await ingest(people, LIGHT);
  figures.push(
    figure(`HTTP, ${LIGHT.rate} tx/s: send to confirmed, median`, percentile(light.confirmedMs, 0.5), 'ms'),
    figure(`HTTP, ${LIGHT.rate} tx/s: send to confirmed, 99 %`, percentile(light.confirmedMs, 0.99), 'ms'),
  );
  return figures;
}

/** `--name=value` on the command line. */
function argument(name: string): string | undefined {
  return process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3);
}
