import { Agent, request as httpRequest } from 'node:http';
import { silentLogger } from '@polyproof/base';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpServer, type HttpServerOptions } from '../../src/server/http-server.js';

let server: HttpServer;

async function open(options: HttpServerOptions = {}, handle = async (body: string) => body || undefined) {
  server = await HttpServer.open({ port: 0, ...options }, { handle, logger: silentLogger });
  return server.url;
}

afterEach(() => server.close());

const post = (url: string, body: string) => fetch(url, { method: 'POST', body });

describe('HttpServer', () => {
  it('carries bodies both ways, with CORS headers', async () => {
    const response = await post(await open(), '{"ä":1}');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.text()).toBe('{"ä":1}');
  });

  it('answers 204 when there is nothing to say, and to preflight requests', async () => {
    const url = await open();
    expect((await post(url, '')).status).toBe(204);
    const preflight = await fetch(url, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
  });

  it('refuses other methods and long bodies, with and without a declared length', async () => {
    const url = await open({ maxBodyBytes: 1_000 });
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(405);
    const long = await post(url, 'x'.repeat(1_001));
    expect(long.status).toBe(413);
    expect(await long.json()).toMatchObject({ error: { code: -32600 }, id: null });
    const chunked = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(url, { method: 'POST' }, (response) =>
        resolve(response.resume().statusCode),
      );
      request.on('error', reject);
      request.write('x'.repeat(600));
      request.write('x'.repeat(600));
      request.end();
    });
    expect(chunked).toBe(413);
    expect((await post(url, 'x'.repeat(1_000))).status).toBe(200);
  });

  it('says what to do when the port is taken', async () => {
    const { port } = new URL(await open());
    const second = HttpServer.open({ port: Number(port) }, { handle: async () => '', logger: silentLogger });
    await expect(second).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `port ${port} on 127.0.0.1 is in use by another process: stop that process or choose another RPC port.`,
    });
  });

  it('finishes the request under way when it is closed, and closes twice', async () => {
    let arrived = () => {};
    let release = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const url = await open({}, async (body) => {
      arrived();
      await gate;
      return body;
    });
    const answer = post(url, 'late');
    await arrival;
    const closed = server.close();
    release();
    expect(await (await answer).text()).toBe('late');
    await closed;
    await server.close();
    await expect(post(url, 'x')).rejects.toThrow();
  });

  it('keeps connections alive between requests', async () => {
    const url = await open();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const once = () =>
      new Promise<boolean>((resolve, reject) => {
        const request = httpRequest(url, { method: 'POST', agent }, (response) => {
          response.resume().on('end', () => resolve(request.reusedSocket));
        });
        request.on('error', reject).end('x');
      });
    expect([await once(), await once()]).toEqual([false, true]);
    agent.destroy();
  });
});
