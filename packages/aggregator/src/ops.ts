import { type EventHub, errorMessage, OpsServer, withTimeout } from '@polyproof/base';
import type { Database } from './database/database.js';
import type { AggregatorEvents } from './events.js';
import { getMetrics } from './metrics.js';
import type { SettlementPort } from './ports.js';
import type { ProofGenerator } from './proof-generator/proof-generator.js';
import { openSequences } from './report.js';

/** What a part may take to answer before the aggregator counts as not ready. */
const READY_MS = 5_000;

/** Serves metrics, and whether the aggregator is ready: it is when its database and the base chain answer. */
export function openOps(
  options: { host?: string; port: number },
  modules: {
    settlement: SettlementPort;
    database: Database;
    events: EventHub<AggregatorEvents>;
    generator: ProofGenerator;
    now: () => number;
  },
): Promise<OpsServer> {
  const { settlement, database, events, generator, now } = modules;
  const registry = getMetrics({
    database,
    events,
    provers: () => generator.provers,
    now,
    gasPriceWei: () => settlement.gasPriceWei(),
  });
  const check = (what: string, work: Promise<unknown>) =>
    withTimeout(work, READY_MS, what).then(
      () => [],
      (error: unknown) => [`${what}: ${errorMessage(error)}`],
    );
  return OpsServer.listen(options, {
    metrics: () => registry.metrics(),
    problems: async () => {
      const checks = [
        check('database', openSequences(database)),
        check('base chain', settlement.blockNumber()),
      ];
      return (await Promise.all(checks)).flat();
    },
  });
}
