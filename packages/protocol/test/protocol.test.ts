import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Code, ConnectError } from '@connectrpc/connect';
import { silentLogger } from '@polyproof/base';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createProverClient,
  ProtocolError,
  type ProverClient,
  ProverServer,
  protocolErrorOf,
  TaskKind,
} from '../src/index.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Implementation = Parameters<typeof ProverServer.listen>[1]['implementation'];

async function serve(
  implementation: Partial<Implementation>,
): Promise<{ server: ProverServer; client: ProverClient }> {
  const server = await ProverServer.listen(
    { host: '127.0.0.1', port: 0 },
    { implementation: implementation as Implementation, logger: silentLogger },
  );
  const client = createProverClient(server.url);
  closers.push(
    () => server.close(),
    () => client.close(),
  );
  return { server, client };
}

describe('prover protocol', () => {
  it('carries a task with its inputs', async () => {
    const inputs = new TextEncoder().encode('{"a":"0x01"}');
    const { client } = await serve({
      lease: async ({ waitMs }) => ({
        task: {
          id: 't',
          kind: TaskKind.FINAL,
          program: 'final',
          programHash: 'ab',
          inputs: { content: { case: 'inline', value: inputs } },
          label: 'x',
          leaseMs: waitMs,
        },
      }),
    });
    const { task } = await client.lease({ proverId: 'p', waitMs: 7 });
    expect(task).toMatchObject({ id: 't', kind: TaskKind.FINAL, leaseMs: 7 });
    expect(task?.inputs?.content).toEqual({ case: 'inline', value: inputs });
  });

  it('says that there is no task by leaving it out', async () => {
    const { client } = await serve({ lease: async () => ({}) });
    expect((await client.lease({ proverId: 'p' })).task).toBeUndefined();
  });

  it('carries the code of an error, over the Connect protocol', async () => {
    const { client } = await serve({
      heartbeat: async () => {
        throw new ProtocolError('UNKNOWN_PROVER', 'register again.');
      },
    });
    const error = await client.heartbeat({}).catch((e: unknown) => e);
    expect(protocolErrorOf(error)).toMatchObject({ code: 'UNKNOWN_PROVER', message: 'register again.' });
  });

  it('does not show unexpected errors to provers', async () => {
    const { client } = await serve({
      fail: async () => {
        throw new TypeError('secret');
      },
    });
    const error = await client.fail({}).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ConnectError);
    expect((error as ConnectError).code).toBe(Code.Internal);
    expect((error as ConnectError).message).not.toContain('secret');
    expect(protocolErrorOf(error)).toBeUndefined();
  });

  it('cuts a waiting call when the server closes', async () => {
    let entered = () => {};
    const waiting = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const { server, client } = await serve({
      lease: (_request, context) =>
        new Promise((_resolve, reject) => {
          context.signal.addEventListener('abort', () => reject(context.signal.reason));
          entered();
        }),
    });
    const call = client.lease({}).catch((e: unknown) => e);
    await waiting;
    await server.close();
    expect(await call).toBeInstanceOf(ConnectError);
  });

  it('says that a port is taken', async () => {
    const { server } = await serve({});
    const port = Number(new URL(server.url).port);
    await expect(
      ProverServer.listen(
        { host: '127.0.0.1', port },
        { implementation: {} as Implementation, logger: silentLogger },
      ),
    ).rejects.toMatchObject({ code: 'CANNOT_LISTEN' });
  });

  it('listens where other machines reach it only with a login', async () => {
    const listening = ProverServer.listen(
      { host: '0.0.0.0', port: 0 },
      { implementation: {} as Implementation, logger: silentLogger },
    );
    await expect(listening).rejects.toMatchObject({ code: 'AUTHENTICATION_REQUIRED' });
  });

  it('is generated from the current proto file', () => {
    const script = fileURLToPath(new URL('../generate.mjs', import.meta.url));
    expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
  });
});
