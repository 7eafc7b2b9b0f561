import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex, type Hex, silentLogger } from '@polyproof/base';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Authenticator,
  createProverClient,
  FileBlobStore,
  OPERATOR,
  operatorOf,
  type ProverApi,
  type ProverClientOptions,
  ProverServer,
  type ProverServerOptions,
  protocolErrorOf,
  signLogin,
  Uploads,
} from '../src/index.js';

const KEY: Hex = `0x${'11'.repeat(32)}`;
const STRANGER: Hex = `0x${'22'.repeat(32)}`;
const OPERATOR_ADDRESS = operatorOf(KEY);
const SERVER = 'http://127.0.0.1:7000';
const CHAIN = 31_337n;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function setUp() {
  const clock = { now: 1_000_000 };
  const authenticator = new Authenticator(
    { allowed: [OPERATOR_ADDRESS], servers: [SERVER], chainId: CHAIN, challengeMs: 1_000, tokenMs: 5_000 },
    { now: () => clock.now },
  );
  const login = async (
    changes: { key?: Hex; server?: string; chainId?: bigint; challenge?: Uint8Array } = {},
  ) => {
    const { key = KEY, server = SERVER, chainId = CHAIN } = changes;
    const operator = operatorOf(key);
    const challenge = changes.challenge ?? authenticator.challenge(fromHex(operator));
    const signature = await signLogin({ operator, server, chainId, challenge }, key);
    return { operator: fromHex(operator), server, challenge, signature };
  };
  return { clock, authenticator, login };
}

const badLogin = (reason: string) => ({ code: 'BAD_LOGIN', message: expect.stringContaining(reason) });

describe('a login', () => {
  it('gives a token that stands for the operator until it expires', async () => {
    const { authenticator, login, clock } = setUp();
    const { token, validMs } = await authenticator.login(await login());
    expect(authenticator.authorise(`Bearer ${token}`)).toBe(OPERATOR_ADDRESS);
    clock.now += validMs - 1;
    expect(authenticator.authorise(`Bearer ${token}`)).toBe(OPERATOR_ADDRESS);
    clock.now += 1;
    expect(() => authenticator.authorise(`Bearer ${token}`)).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    );
  });

  it('is refused when it is replayed', async () => {
    const { authenticator, login } = setUp();
    const request = await login();
    await authenticator.login(request);
    await expect(authenticator.login(request)).rejects.toMatchObject(badLogin('served before'));
  });

  it('is taken once of many that come at the same time', async () => {
    const { authenticator, login } = setUp();
    const request = await login();
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => authenticator.login(request)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is refused when its challenge is too old', async () => {
    const { authenticator, login, clock } = setUp();
    const request = await login();
    clock.now += 1_000;
    await expect(authenticator.login(request)).rejects.toMatchObject(badLogin('too old'));
  });

  it('is refused to a stranger', async () => {
    const { authenticator, login } = setUp();
    await expect(authenticator.login(await login({ key: STRANGER }))).rejects.toMatchObject(
      badLogin('not on the list'),
    );
  });

  it('that was signed for another server is worthless here', async () => {
    const { authenticator, login } = setUp();
    const relayed = await login({ server: 'http://attacker.example:7000' });
    await expect(authenticator.login(relayed)).rejects.toMatchObject(badLogin('for the server'));
    // Nor does it help to say that it was for this one.
    await expect(authenticator.login({ ...relayed, server: SERVER })).rejects.toMatchObject(
      badLogin('signature'),
    );
  });

  it('that was signed for another chain is worthless here', async () => {
    const { authenticator, login } = setUp();
    await expect(authenticator.login(await login({ chainId: 1n }))).rejects.toMatchObject(
      badLogin('signature'),
    );
  });

  it('is refused with a challenge of another process, or of another operator', async () => {
    const { authenticator, login } = setUp();
    const other = setUp().authenticator.challenge(fromHex(OPERATOR_ADDRESS));
    await expect(authenticator.login(await login({ challenge: other }))).rejects.toMatchObject(
      badLogin('not one'),
    );
    const theirs = authenticator.challenge(fromHex(operatorOf(STRANGER)));
    await expect(authenticator.login(await login({ challenge: theirs }))).rejects.toMatchObject(
      badLogin('not one'),
    );
  });

  it('is refused with any byte changed', async () => {
    const { authenticator, login } = setUp();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('operator' as const, 'challenge' as const, 'signature' as const),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (part, at, change) => {
          const request = await login();
          // The last byte of a signature says which of two points it is about, in one of two spellings.
          const index = at % (part === 'signature' ? 64 : request[part].length);
          request[part] = Uint8Array.from(request[part], (byte, i) => (i === index ? byte ^ change : byte));
          await expect(authenticator.login(request)).rejects.toMatchObject({ code: 'BAD_LOGIN' });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is refused with bytes of another length', async () => {
    const { authenticator, login } = setUp();
    const request = await login();
    for (const signature of [new Uint8Array(0), new Uint8Array(65), new Uint8Array(1_000)])
      await expect(authenticator.login({ ...request, signature })).rejects.toMatchObject(
        badLogin('signature'),
      );
    const challenge = new Uint8Array(3);
    await expect(authenticator.login({ ...request, challenge })).rejects.toMatchObject(badLogin('not one'));
    const operator = new Uint8Array(19);
    await expect(authenticator.login({ ...request, operator })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('makes no token out of anything else', () => {
    const { authenticator } = setUp();
    for (const header of [undefined, '', 'Bearer ', 'Bearer x', 'Basic x', 'Bearer undefined'])
      expect(() => authenticator.authorise(header)).toThrow(
        expect.objectContaining({ code: 'UNAUTHENTICATED' }),
      );
  });
});

describe('a server that asks for a login', () => {
  const authentication = { allowed: [OPERATOR_ADDRESS], chainId: CHAIN };

  async function serve(options: Partial<ProverServerOptions> = {}) {
    const directory = mkdtempSync(join(tmpdir(), 'polyproof-login-'));
    closers.push(() => rmSync(directory, { recursive: true }));
    const store = new FileBlobStore({ directory: join(directory, 'blobs') });
    const uploads = new Uploads({ directory: join(directory, 'uploads'), mostBytes: 1_000 }, { store });
    const operators: (Hex | undefined)[] = [];
    const implementation = {
      register: async (_request, { values }) => {
        operators.push(values.get(OPERATOR));
        return { proverId: 'p' };
      },
    } as ProverApi;
    const server = await ProverServer.listen(
      { host: '127.0.0.1', port: 0, authentication, ...options },
      { implementation, blobs: { sources: [store], uploads }, logger: silentLogger },
    );
    closers.push(() => server.close());
    return { server, operators, store };
  }

  function connect(url: string, options: ProverClientOptions = {}) {
    const client = createProverClient(url, options);
    closers.push(() => client.close());
    return client;
  }

  const codeOf = async (call: Promise<unknown>) =>
    protocolErrorOf(await call.catch((error: unknown) => error))?.code;

  it('lets an operator in, and knows him', async () => {
    const { server, operators } = await serve();
    const client = connect(server.url, { privateKey: KEY });
    await Promise.all([client.register({ name: 'a' }), client.register({ name: 'b' })]);
    expect(operators).toEqual([OPERATOR_ADDRESS, OPERATOR_ADDRESS]);
    await client.blobs.put(Uint8Array.of(1, 2, 3));
  });

  it('keeps everybody else out, also of the blobs', async () => {
    const { server, operators, store } = await serve();
    expect(await codeOf(connect(server.url).register({ name: 'a' }))).toBe('UNAUTHENTICATED');
    expect(await codeOf(connect(server.url, { privateKey: STRANGER }).register({ name: 'a' }))).toBe(
      'BAD_LOGIN',
    );
    await expect(connect(server.url).blobs.put(Uint8Array.of(1))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(operators).toEqual([]);
    for await (const blob of store.list()) expect.unreachable(blob.hash);
  });

  it('is reached on every address of the machine', async () => {
    const { server } = await serve({ host: '0.0.0.0' });
    const port = new URL(server.url).port;
    await connect(`http://127.0.0.1:${port}`, { privateKey: KEY }).register({ name: 'a' });
    await connect(`http://localhost:${port}`, { privateKey: KEY }).register({ name: 'a' });
  });

  it('speaks TLS, and is told from one whose certificate nobody vouches for', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'polyproof-tls-'));
    closers.push(() => rmSync(directory, { recursive: true }));
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
    const flags = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    execFileSync(
      'openssl',
      [...flags, '-subj', '/CN=localhost', '-addext', names, '-keyout', key, '-out', cert],
      {
        stdio: 'ignore',
      },
    );
    const ca = readFileSync(cert, 'utf8');
    const { server, operators } = await serve({ tls: { key: readFileSync(key, 'utf8'), cert: ca } });
    expect(server.url).toMatch(/^https:/);
    const client = connect(server.url, { privateKey: KEY, ca });
    await client.register({ name: 'a' });
    await client.blobs.put(Uint8Array.of(1, 2, 3));
    await expect(connect(server.url, { privateKey: KEY }).register({ name: 'b' })).rejects.toThrow();
    expect(operators).toHaveLength(1);
  });
});
