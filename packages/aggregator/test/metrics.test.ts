import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OpsServer } from '@polyproof/base';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { getProverMetrics } from '../../prover/src/index.js';
import { getMetrics } from '../src/metrics.js';
import { Harness } from './support/harness.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(clock = { now: 1_000_000 }, gasPriceWei = async () => 7n) {
  const harness = await Harness.open({ clock });
  closers.push(() => harness.close());
  const registry = getMetrics({
    database: harness.database,
    events: harness.events,
    provers: () => harness.generator.provers,
    now: () => clock.now,
    gasPriceWei,
  });
  return { harness, registry, clock };
}

const value = async (registry: Registry, line: string) =>
  Number(new RegExp(`^${line.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(await registry.metrics())?.[1]);

describe('metrics', () => {
  it('are shown while the base chain does not answer', async () => {
    const { registry } = await open(undefined, () => Promise.reject(new TypeError('no answer')));
    expect(await registry.metrics()).toMatch(/^polyproof_base_chain_gas_price_wei nan$/im);
    expect(await value(registry, 'polyproof_oldest_task_age_seconds')).toBe(0);
  });

  it('show queue, age, speed, failures and fees', async () => {
    const { harness, registry, clock } = await open();
    harness.chain.submit(2);
    await harness.watcher.poll();
    clock.now += 5_000;
    expect(await value(registry, 'polyproof_tasks{status="ready",kind="batch"}')).toBe(2);
    expect(await value(registry, 'polyproof_oldest_task_age_seconds')).toBe(5);
    expect(await value(registry, 'polyproof_sequences{status="proving"}')).toBe(1);
    const prover = harness.register('p');
    const leased = (await harness.lease(prover))!;
    expect(await value(registry, 'polyproof_provers{state="busy"}')).toBe(1);
    await harness.generator.fail(prover, leased.task.id, {
      code: 'OUT_OF_MEMORY',
      message: 'm',
      retryable: true,
    });
    expect(await value(registry, 'polyproof_task_failures_total{code="OUT_OF_MEMORY"}')).toBe(1);
    clock.now += 60_000;
    await harness.proveAll(harness.register('q'));
    expect(await value(registry, 'polyproof_prover_gates_per_second{prover="q",kind="final"}')).toBe(
      (1 << 19) / 2,
    );
    expect(await value(registry, 'polyproof_proving_seconds_count{kind="final"}')).toBe(1);
    expect(await value(registry, 'polyproof_sequences{status="proved"}')).toBe(1);
    expect(await value(registry, 'polyproof_oldest_task_age_seconds')).toBe(0);
    expect(await value(registry, 'polyproof_base_chain_gas_price_wei')).toBe(7);
    expect(await value(registry, 'polyproof_windows_missed{window="commit"}')).toBe(0);
  });

  it('cannot be filled with codes that a prover makes up', async () => {
    const { harness, registry } = await open();
    harness.chain.submit(1);
    await harness.watcher.poll();
    const prover = harness.register('p');
    const leased = (await harness.lease(prover))!;
    await harness.generator.fail(prover, leased.task.id, { code: 'MADE_UP', message: 'm', retryable: true });
    const text = await registry.metrics();
    expect(text).not.toContain('MADE_UP');
    expect(text).toContain('polyproof_task_failures_total{code="OTHER"} 1');
  });

  it('have the names that the dashboard shows', async () => {
    const { registry } = await open();
    const known = new Set(
      Registry.merge([registry, getProverMetrics().registry])
        .getMetricsAsArray()
        .map(({ name }) => name),
    );
    const file = fileURLToPath(new URL('../../../ops/grafana-dashboard.json', import.meta.url));
    const { panels } = JSON.parse(readFileSync(file, 'utf8')) as {
      panels: { targets: { expr: string }[] }[];
    };
    const shown = panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/polyproof_\w+/g) ?? []),
    );
    expect(shown.length).toBeGreaterThan(15);
    for (const name of shown) expect(known).toContain(name.replace(/_(bucket|sum|count)$/, ''));
  });
});

describe('an ops server', () => {
  it('says whether the process runs, and whether it can work', async () => {
    let problems: string[] = [];
    const server = await OpsServer.listen(
      { port: 0 },
      { metrics: async () => 'polyproof_x 1\n', problems: async () => problems },
    );
    closers.push(() => server.close());
    const get = async (path: string) => {
      const response = await fetch(`${server.url}${path}`);
      return [response.status, await response.text()];
    };
    expect(await get('/metrics')).toEqual([200, 'polyproof_x 1\n']);
    expect(await get('/healthz')).toEqual([200, 'ok\n']);
    expect(await get('/readyz')).toEqual([200, 'ready\n']);
    problems = ['database: gone'];
    expect(await get('/readyz')).toEqual([503, 'database: gone\n']);
    expect(await get('/healthz')).toEqual([200, 'ok\n']);
    expect((await get('/'))[0]).toBe(404);
    const port = Number(new URL(server.url).port);
    const taken = OpsServer.listen({ port }, { metrics: async () => '', problems: async () => [] });
    await expect(taken).rejects.toMatchObject({ code: 'CANNOT_LISTEN' });
  });
});
