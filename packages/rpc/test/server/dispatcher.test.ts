import { silentLogger } from '@polyproof/base';
import { describe, expect, it } from 'vitest';
import { RpcError } from '../../src/errors.js';
import { Dispatcher } from '../../src/server/dispatcher.js';

const dispatcher = new Dispatcher(
  { maxBatchRequests: 3 },
  {
    logger: silentLogger,
    methods: {
      echo: (params) => params,
      nothing: () => undefined,
      refuse: () => {
        throw new RpcError('TRANSACTION_REFUSED', 'no', { err: 'BlockhashNotFound', logs: [] });
      },
      break: () => {
        throw new TypeError('broken');
      },
    },
  },
);

async function call(body: unknown): Promise<unknown> {
  const answer = await dispatcher.handle(typeof body === 'string' ? body : JSON.stringify(body), undefined);
  return answer === undefined ? undefined : JSON.parse(answer);
}

const request = (method: string, extra = {}) => ({ jsonrpc: '2.0', id: 1, method, ...extra });
const error = (code: number, id: unknown = null) =>
  expect.objectContaining({ jsonrpc: '2.0', id, error: expect.objectContaining({ code }) });

describe('Dispatcher', () => {
  it('answers with the id of the request', async () => {
    expect(await call(request('echo', { params: [1, 'a'] }))).toEqual({
      jsonrpc: '2.0',
      result: [1, 'a'],
      id: 1,
    });
    expect(await call(request('echo', { id: 'x' }))).toEqual({ jsonrpc: '2.0', result: [], id: 'x' });
    expect(await call(request('nothing', { id: null }))).toEqual({ jsonrpc: '2.0', result: null, id: null });
  });

  it('keeps an id that no double can hold', async () => {
    expect(
      await dispatcher.handle('{"jsonrpc":"2.0","id":18446744073709551615,"method":"nothing"}', undefined),
    ).toBe('{"jsonrpc":"2.0","result":null,"id":18446744073709551615}');
  });

  it('answers a batch in order, leaving out notifications', async () => {
    const answers = await call([
      request('echo', { params: [1] }),
      { jsonrpc: '2.0', method: 'echo' },
      request('no'),
    ]);
    expect(answers).toEqual([{ jsonrpc: '2.0', result: [1], id: 1 }, error(-32601, 1)]);
    expect(await call([{ jsonrpc: '2.0', method: 'echo' }])).toBeUndefined();
    expect(await call({ jsonrpc: '2.0', method: 'break' })).toBeUndefined();
  });

  it('refuses what is not JSON-RPC 2.0', async () => {
    expect(await call('{"jsonrpc":')).toEqual(error(-32700));
    expect(await call('')).toEqual(error(-32700));
    for (const bad of [null, 1, 'x', [], [null], {}, { id: 1, method: 'echo' }])
      expect([await call(JSON.stringify(bad))].flat()).toEqual([
        expect.objectContaining({ error: expect.objectContaining({ code: -32600 }) }),
      ]);
    expect(await call(request('echo', { id: {} }))).toEqual(error(-32600));
    expect(await call({ jsonrpc: '2.0', id: 1, method: 5 })).toEqual(error(-32600, 1));
    expect(await call(request('echo', { params: { a: 1 } }))).toEqual(error(-32602, 1));
  });

  it('bounds batches', async () => {
    expect(await call(Array(4).fill(request('echo')))).toEqual(error(-32600));
    expect(await call(Array(3).fill(request('echo')))).toHaveLength(3);
  });

  it('bounds the answers to a batch: what would come behind them is refused', async () => {
    const small = new Dispatcher(
      { maxBatchResponseLength: 1_000 },
      { logger: silentLogger, methods: { much: () => 'x'.repeat(600), later: async () => 'y'.repeat(600) } },
    );
    const batch = [request('much'), request('later'), request('much', { id: 7 })];
    const answers = JSON.parse((await small.handle(JSON.stringify(batch), undefined)) ?? '');
    expect(answers).toEqual([
      expect.objectContaining({ result: 'x'.repeat(600) }),
      expect.objectContaining({ result: 'y'.repeat(600) }),
      error(-32005, 7),
    ]);
  });

  it('lets others have their turn during a long batch', async () => {
    const order: string[] = [];
    const slow = () => {
      const until = performance.now() + 6;
      while (performance.now() < until);
      order.push('batch');
    };
    const busy = new Dispatcher({}, { logger: silentLogger, methods: { slow } });
    setImmediate(() => order.push('other'));
    const done = busy.handle(JSON.stringify(Array(3).fill(request('slow'))), undefined);
    await done;
    expect(order).toEqual(['batch', 'other', 'batch', 'batch']);
  });

  it('answers at once where the method does, and later where it must', () => {
    expect(dispatcher.handle(JSON.stringify(request('echo')), undefined)).toBeTypeOf('string');
    const later = new Dispatcher({}, { logger: silentLogger, methods: { later: async () => 1 } });
    expect(later.handle(JSON.stringify(request('later')), undefined)).toBeInstanceOf(Promise);
  });

  it('fails with an answer where a later one cannot be written or given', async () => {
    const circle: unknown[] = [];
    circle.push(circle);
    const methods = { circle: async () => circle, reject: () => Promise.reject(new TypeError('late')) };
    const odd = new Dispatcher({}, { logger: silentLogger, methods });
    for (const method of ['circle', 'reject'])
      expect(JSON.parse((await odd.handle(JSON.stringify(request(method)), undefined)) ?? '')).toEqual(
        error(-32603, 1),
      );
  });

  it('takes any nesting', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}18446744073709551615${']'.repeat(depth)}`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"nothing","params":${nested(100_000)}}`;
    expect(await dispatcher.handle(body, undefined)).toBe('{"jsonrpc":"2.0","result":null,"id":1}');
    expect(await call(nested(100_000))).toMatchObject([{ error: { code: -32600 } }]);
    expect(await call('['.repeat(200_000))).toEqual(error(-32700));
  });

  it('uses the words of Agave where clients show them to people', async () => {
    expect(await call('{')).toMatchObject({ error: { message: 'Parse error' } });
    expect(await call(request('none'))).toMatchObject({ error: { message: 'Method not found' } });
  });

  it('knows no methods that are not its own', async () => {
    for (const method of ['toString', '__proto__', 'constructor', 'getSlots'])
      expect(await call(request(method))).toEqual(error(-32601, 1));
  });

  it('passes errors on with code and data, and does not fail with a method that does', async () => {
    expect(await call(request('refuse'))).toEqual({
      jsonrpc: '2.0',
      error: { code: -32002, message: 'no', data: { err: 'BlockhashNotFound', logs: [] } },
      id: 1,
    });
    expect(await call(request('break'))).toEqual(error(-32603, 1));
  });
});
