import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Database, type OperatorReport, operatorReport } from '@polyproof/aggregator';
import { formatEther } from '@polyproof/chain';
import { DEVNET_CONFIG } from '../config.js';
import { NodeError } from '../errors.js';
import { formatTable } from '../terminal/table.js';
import { parseConfigFlags } from './flags.js';

/**
 * `polyproof operator report`: what sequences cost and earned, from the aggregator's database.
 * @throws {NodeError} `USAGE`; {LockError} `DIRECTORY_IN_USE` while an aggregator has the database open
 */
export async function operator([action, ...args]: string[]): Promise<void> {
  if (action !== 'report')
    throw new NodeError('USAGE', `say what to do: polyproof operator report, not "${action ?? ''}".`);
  const { flags, config } = parseConfigFlags(DEVNET_CONFIG, args, {
    own: { json: { type: 'boolean' } },
    fields: ['dataDirectory', 'provingSecondWei'],
  });
  const directory = join(config.dataDirectory, 'aggregator');
  if (!existsSync(directory))
    throw new NodeError(
      'USAGE',
      `there is no aggregator's database in ${config.dataDirectory}: name another --data-directory.`,
    );
  const database = await Database.open({ directory });
  try {
    const report = await operatorReport(database, config);
    console.log(flags.json === true ? toJson(report) : toTable(report));
  } finally {
    await database.close();
  }
}

/** Wei and gas are text: they may be too large for a number. */
function toJson(report: OperatorReport): string {
  return JSON.stringify(report, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}

function toTable({ sequences, other, totals }: OperatorReport): string {
  const head = [
    'sequence',
    'status',
    'proof',
    'gas',
    'fees ETH',
    'proving s',
    'proving ETH',
    'reward ETH',
    'margin ETH',
  ];
  const amounts = (of: OperatorReport['totals']) => [
    `${of.gasUsed}`,
    formatEther(of.feeWei),
    of.provingSeconds.toFixed(1),
    formatEther(of.provingWei),
    formatEther(of.rewardWei),
    formatEther(of.marginWei),
  ];
  const rows = sequences.map((one) => [
    `${one.sequence}`,
    one.status,
    one.submission ?? '-',
    ...amounts({ ...one, rewardWei: one.rewardWei ?? 0n }),
  ]);
  const none = { provingSeconds: 0, provingWei: 0n, rewardWei: 0n };
  rows.push(['other', '', '', ...amounts({ ...other, ...none, marginWei: -other.feeWei })]);
  rows.push(['total', '', '', ...amounts(totals)]);
  return formatTable(head, rows);
}
