import { Zstd } from '@hpcc-js/wasm-zstd';
import { encodeBase58 } from '@polyproof/svm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFake } from '../fakes.js';
import { key, putMint, putTokenAccount, TOKEN, text } from './fixtures.js';

const ADDRESS = text(5);
const NOBODY = text(6);
const SYSTEM = '11111111111111111111111111111111';
const MAX = 18_446_744_073_709_551_615n;

let node: Awaited<ReturnType<typeof openFake>>;

beforeEach(async () => {
  node = await openFake({ maxScanAccounts: 3, maxScanBytes: 1_000 });
  node.bank.put(ADDRESS, { lamports: MAX, data: Uint8Array.from([0, 1, 2, 3]) });
});
afterEach(() => node.server.close());

describe('single accounts', () => {
  it('keep every digit of a balance', async () => {
    expect((await node.call('getBalance', ADDRESS)).value).toBe(MAX);
    expect((await node.call('getBalance', NOBODY)).value).toBe(0);
  });

  it('are encoded as asked', async () => {
    const data = async (config?: object) => (await node.call('getAccountInfo', ADDRESS, config)).value.data;
    expect(await data()).toBe('1Ldp');
    expect(await data({ encoding: 'base58' })).toEqual(['1Ldp', 'base58']);
    expect(await data({ encoding: 'base64' })).toEqual(['AAECAw==', 'base64']);
    expect(await data({ encoding: 'jsonParsed' })).toEqual(['AAECAw==', 'base64']);
    const slice = (offset: number, length: number) => ({
      encoding: 'base64',
      dataSlice: { offset, length },
    });
    expect(await data(slice(1, 2))).toEqual(['AQI=', 'base64']);
    expect(await data(slice(3, 9))).toEqual(['Aw==', 'base64']);
    expect(await data(slice(9, 2))).toEqual(['', 'base64']);
    expect(await node.call('getAccountInfo', ADDRESS, { encoding: 'base64' })).toEqual({
      context: { apiVersion: '4.3.0', slot: 0 },
      value: {
        data: ['AAECAw==', 'base64'],
        executable: false,
        lamports: MAX,
        owner: SYSTEM,
        rentEpoch: MAX,
        space: 4,
      },
    });
  });

  it('are compressed as asked', async () => {
    const original = new Uint8Array(10_000).fill(7);
    node.bank.put(ADDRESS, { data: original });
    const { value } = await node.call('getAccountInfo', ADDRESS, { encoding: 'base64+zstd' });
    expect(value.data[1]).toBe('base64+zstd');
    expect(value.data[0].length).toBeLessThan(100);
    const zstd = await Zstd.load();
    expect(zstd.decompress(Buffer.from(value.data[0], 'base64'))).toEqual(original);
    const { value: several } = await node.call('getMultipleAccounts', [ADDRESS], {
      encoding: 'base64+zstd',
    });
    expect(several[0].data).toEqual(value.data);
  });

  it('are refused in base 58 where they are long, as in Agave', async () => {
    node.bank.put(ADDRESS, { data: new Uint8Array(129) });
    expect(await node.refusal('getAccountInfo', ADDRESS)).toEqual({
      code: -32600,
      message: 'Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.',
    });
    const dataSlice = { offset: 1, length: 128 };
    const { value } = await node.call('getAccountInfo', ADDRESS, { encoding: 'base58', dataSlice });
    expect(value.data[0]).toBe('1'.repeat(128));
  });

  it('are null where they do not exist', async () => {
    expect((await node.call('getAccountInfo', NOBODY)).value).toBeNull();
    expect((await node.call('getMultipleAccounts', [NOBODY, ADDRESS])).value).toEqual([
      null,
      expect.objectContaining({ data: ['AAECAw==', 'base64'] }),
    ]);
  });

  it('of tokens are parsed with the decimals of their mint', async () => {
    putMint(node.bank, key(7));
    putTokenAccount(node.bank, key(8), { mint: key(7), owner: key(1), amount: 150n });
    const { value } = await node.call('getAccountInfo', text(8), { encoding: 'jsonParsed' });
    expect(value.data).toEqual({
      program: 'spl-token',
      parsed: {
        type: 'account',
        info: {
          mint: text(7),
          owner: text(1),
          tokenAmount: { amount: '150', decimals: 2, uiAmount: 1.5, uiAmountString: '1.5' },
          state: 'initialized',
          isNative: false,
        },
      },
      space: 165,
    });
  });

  it('of the runtime can be read like any other', async () => {
    for (let i = 0; i < 3; i++) node.bank.commit();
    const parsed = async (address: string) =>
      (await node.call('getAccountInfo', address, { encoding: 'jsonParsed' })).value.data.parsed;
    expect(await parsed('SysvarC1ock11111111111111111111111111111111')).toMatchObject({
      type: 'clock',
      info: { slot: 3, epoch: 0, unixTimestamp: 1_700_000_003 },
    });
    expect(await parsed('SysvarRent111111111111111111111111111111111')).toEqual({
      type: 'rent',
      info: { lamportsPerByteYear: '3480', exemptionThreshold: 2, burnPercent: 50 },
    });
    expect(await parsed('SysvarEpochSchedu1e111111111111111111111111')).toMatchObject({
      info: { slotsPerEpoch: 432_000, warmup: false },
    });
    const slotHashes = await parsed('SysvarS1otHashes111111111111111111111111111');
    expect(slotHashes.info.map(({ slot }: { slot: number }) => slot)).toEqual([3, 2, 1, 0]);
    const { info } = await parsed('SysvarRecentB1ockHashes11111111111111111111');
    expect(info[0].blockhash).toBe(encodeBase58(node.bank.latestBlockhash));
    const { value } = await node.call('getAccountInfo', SYSTEM);
    expect(value).toMatchObject({
      executable: true,
      owner: 'NativeLoader1111111111111111111111111111111',
    });
    expect((await node.call('getBalance', SYSTEM)).value).toBe(1);
  });
});

describe('accounts of a program', () => {
  const [mint, alice, bob] = [key(7), key(1), key(2)];

  beforeEach(() => {
    putMint(node.bank, mint);
    putTokenAccount(node.bank, key(11), { mint, owner: alice, amount: 1n });
    putTokenAccount(node.bank, key(10), { mint, owner: bob, amount: 2n, delegate: alice });
  });
  const accounts = (config?: object) => node.call('getProgramAccounts', TOKEN.toBase58(), config);
  const addresses = async (config?: object) =>
    (await accounts({ encoding: 'base64', ...config })).map(({ pubkey }: { pubkey: string }) => pubkey);
  const sorted = (...keys: number[]) =>
    keys
      .map(key)
      .sort((a, b) => Buffer.compare(a.toBytes(), b.toBytes()))
      .map(String);

  it('are listed in the order of their addresses', async () => {
    expect(await addresses()).toEqual(sorted(7, 10, 11));
    expect(await addresses({ sortResults: false })).toHaveLength(3);
    const inContext = await accounts({ encoding: 'base64', withContext: true });
    expect(inContext.context.slot).toBe(0);
    expect(inContext.value).toHaveLength(3);
  });

  it('are filtered', async () => {
    const memcmp = (offset: number, bytes: unknown, encoding?: string) => ({
      memcmp: { offset, bytes, ...(encoding === undefined ? {} : { encoding }) },
    });
    expect(await addresses({ filters: [{ dataSize: 82 }] })).toEqual([mint.toBase58()]);
    const aliceFirst = [memcmp(32, alice.toBase58())];
    expect(await addresses({ filters: aliceFirst })).toEqual([text(11)]);
    expect(await addresses({ filters: [{ dataSize: 165 }, ...aliceFirst] })).toEqual([text(11)]);
    const base64 = Buffer.from(bob.toBytes()).toString('base64');
    expect(await addresses({ filters: [memcmp(32, base64, 'base64')] })).toEqual([text(10)]);
    expect(await addresses({ filters: [memcmp(64, [2, 0])] })).toEqual([text(10)]);
    expect(await addresses({ filters: [memcmp(164, [0, 0])] })).toEqual([]);
    expect(await addresses({ filters: ['tokenAccountState'] })).toEqual(sorted(10, 11));
    expect(await addresses({ filters: [{ tokenAccountState: {} }, memcmp(0, mint.toBase58())] })).toEqual(
      sorted(10, 11),
    );
  });

  it('name what is wrong with a filter', async () => {
    const message = async (...filters: unknown[]) =>
      (await node.refusal('getProgramAccounts', TOKEN.toBase58(), { filters })).message;
    const dataSize = { dataSize: 1 };
    expect(await message(...Array(5).fill(dataSize))).toBe('Too many filters provided; max 4');
    expect(await message({ memcmp: { offset: 0, bytes: '0OIl' } })).toContain('base58 decode error');
    expect(await message({ memcmp: { offset: 0, bytes: '1'.repeat(129) } })).toContain('less than 129');
    expect(await message({ memcmp: { offset: 0, bytes: [256] } })).toContain('0 to 255');
    expect(await message({ memcmp: { offset: -1, bytes: [1] } })).toContain('offset of memcmp');
    expect(await message({ other: 1 })).toContain('a filter must be');
    expect(await message(dataSize, { dataSize: 165 }, { memcmp: { offset: 32, bytes: 'abc' } })).toBe(
      'Incorrect byte length 3 for SPL token owner filter, expected 32',
    );
  });

  it('are bounded: by number, and by the bytes that the answer would hold', async () => {
    putTokenAccount(node.bank, key(12), { mint, owner: bob, amount: 3n });
    expect(await node.refusal('getProgramAccounts', TOKEN.toBase58())).toMatchObject({
      code: -32012,
      message: expect.stringContaining('limit of 3 accounts and 1000 bytes'),
    });
    expect(await addresses({ filters: [{ dataSize: 165 }] })).toHaveLength(3);
    const program = encodeBase58(new Uint8Array(32).fill(8));
    node.bank.put(text(20), { owner: new Uint8Array(32).fill(8), data: new Uint8Array(1_001) });
    expect((await node.refusal('getProgramAccounts', program, { encoding: 'base64' })).code).toBe(-32012);
    const dataSlice = { offset: 0, length: 0 };
    expect(await node.call('getProgramAccounts', program, { encoding: 'base64', dataSlice })).toHaveLength(1);
  });
});

describe('tokens', () => {
  const [mint, alice, bob] = [key(7), key(1), key(2)];
  const ui = (amount: string, uiAmountString: string) => ({
    amount,
    decimals: 2,
    uiAmount: Number(uiAmountString),
    uiAmountString,
  });

  beforeEach(() => {
    putMint(node.bank, mint, { supply: 12_345n });
    putTokenAccount(node.bank, key(10), { mint, owner: alice, amount: 100n });
    putTokenAccount(node.bank, key(11), { mint, owner: bob, amount: 2_050n, delegate: alice });
  });

  it('have balances and a supply', async () => {
    expect((await node.call('getTokenAccountBalance', text(10))).value).toEqual(ui('100', '1'));
    expect((await node.call('getTokenSupply', mint.toBase58())).value).toEqual(ui('12345', '123.45'));
    expect((await node.call('getTokenLargestAccounts', mint.toBase58())).value).toEqual([
      { address: text(11), ...ui('2050', '20.5') },
      { address: text(10), ...ui('100', '1') },
    ]);
  });

  it('are found by owner and by delegate', async () => {
    const owned = (filter: object, config?: object) =>
      node.call('getTokenAccountsByOwner', alice.toBase58(), filter, config);
    const { value } = await owned({ mint: mint.toBase58() }, { encoding: 'jsonParsed' });
    expect(value).toEqual([{ pubkey: text(10), account: expect.objectContaining({ lamports: 2_039_280 }) }]);
    expect(value[0].account.data.parsed.info.tokenAmount).toEqual(ui('100', '1'));
    expect(
      (await owned({ programId: TOKEN.toBase58() }, { encoding: 'base64' })).value[0].account.data[1],
    ).toBe('base64');
    const delegated = await node.call(
      'getTokenAccountsByDelegate',
      alice.toBase58(),
      { mint: mint.toBase58() },
      { encoding: 'base64' },
    );
    expect(delegated.value.map(({ pubkey }: { pubkey: string }) => pubkey)).toEqual([text(11)]);
  });

  it("are refused with Agave's reasons where they are none", async () => {
    const cases: [string, unknown[], string][] = [
      ['getTokenAccountBalance', [NOBODY], 'could not find account'],
      ['getTokenAccountBalance', [ADDRESS], 'not a Token account'],
      ['getTokenAccountBalance', [mint.toBase58()], 'not a Token account'],
      ['getTokenSupply', [text(10)], 'mint could not be unpacked'],
      ['getTokenLargestAccounts', [ADDRESS], 'not a Token mint'],
      ['getTokenAccountsByOwner', [NOBODY, { mint: NOBODY }], 'could not find mint'],
      ['getTokenAccountsByOwner', [NOBODY, { programId: SYSTEM }], 'unrecognized Token program id'],
    ];
    for (const [method, params, reason] of cases)
      expect(await node.refusal(method, ...params), method).toEqual({
        code: -32602,
        message: `Invalid param: ${reason}`,
      });
    expect((await node.refusal('getTokenAccountsByOwner', NOBODY, {})).message).toContain('give {mint}');
  });
});

describe('parameters', () => {
  it('are named where they are wrong', async () => {
    const cases: [string, unknown[], RegExp][] = [
      ['getBalance', [], /address \(parameter 1\) must be a string/],
      ['getBalance', ['abc'], /address must be 32 bytes in base 58; got "abc"/],
      ['getBalance', [`${ADDRESS}0`], /address must be 32 bytes/],
      ['getBalance', [ADDRESS, 'confirmed'], /configuration \(parameter 2\) must be an object/],
      ['getBalance', [ADDRESS, { minContextSlot: -1 }], /minContextSlot must be an integer/],
      [
        'getSlot',
        [{ commitment: 'sure' }],
        /commitment must be one of processed, confirmed, finalized; got "sure"/,
      ],
      ['getAccountInfo', [ADDRESS, { encoding: 'base32' }], /encoding must be one of/],
      ['getAccountInfo', [ADDRESS, { dataSlice: { offset: -1 } }], /dataSlice must be/],
      ['getMultipleAccounts', [Array(101).fill(ADDRESS)], /^Too many inputs provided; max 100$/],
      ['getMultipleAccounts', [[5]], /list of strings/],
      ['getMinimumBalanceForRentExemption', ['5'], /data length \(parameter 1\) must be an integer/],
      ['polyproof_getAccountProof', [ADDRESS, { root: 'ff' }], /root must be 0x/],
      ['polyproof_getAccountProof', [ADDRESS, { root: `0x${'f'.repeat(64)}` }], /root must be/],
    ];
    for (const [method, params, message] of cases) {
      const error = await node.refusal(method, ...params);
      expect(error.code, method).toBe(-32602);
      expect(error.message).toMatch(message);
    }
  });
});
