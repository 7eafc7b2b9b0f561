import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromHex, type Hex } from '@polyproof/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VERIFIER_SYSTEMS } from '../src/index.js';
import { RevocationList, readChain } from '../src/verifiers/dcap/certificates.js';
import {
  platformStatuses,
  qeIdentitySchema,
  qeStatus,
  tcbInfoSchema,
} from '../src/verifiers/dcap/collateral.js';
import { readQuote } from '../src/verifiers/dcap/quote.js';

interface Key {
  root: string;
  at: string;
  accept: string[];
  program: Record<string, unknown>;
  collateral: Record<string, string>;
}
type Vector = { key: Key; inputs: Hex; proof: Hex };

const read = (name: string): Vector =>
  JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8'));
const vectors = { sgx: read('dcap-sgx'), tdx: read('dcap-tdx') };
const ACCEPTED = { sgx: ['UpToDate', 'ConfigurationAndSWHardeningNeeded'], tdx: ['UpToDate'] };

function verify(
  vector: Vector,
  { key = {}, inputs, proof }: { key?: Partial<Key>; inputs?: Uint8Array; proof?: Uint8Array } = {},
): boolean | Promise<boolean> {
  return VERIFIER_SYSTEMS.dcap.verify({
    key: new TextEncoder().encode(JSON.stringify({ ...vector.key, ...key })),
    inputs: inputs ?? fromHex(vector.inputs),
    proof: proof ?? fromHex(vector.proof),
  });
}

async function refused(promise: () => boolean | Promise<boolean>, message: RegExp, code = 'QUOTE_REFUSED') {
  const outcome = (async () => promise())();
  await expect(outcome).rejects.toThrow(message);
  await expect(outcome).rejects.toMatchObject({ code });
}

describe.each(['sgx', 'tdx'] as const)('a real quote of %s', (kind) => {
  const vector = { ...vectors[kind], key: { ...vectors[kind].key, accept: ACCEPTED[kind] } };
  const { key } = vector;
  const quote = fromHex(vector.proof);
  const { collateral } = key;
  const other = vectors[kind === 'sgx' ? 'tdx' : 'sgx'].key;

  it("is traced to Intel's root", () => {
    const { x, y } = new X509Certificate(key.root).publicKey.export({ format: 'jwk' });
    const point = Buffer.concat([Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]);
    expect(point.toString('hex')).toMatch(/^0ba9c4c0c0c86193a3fe23d6b02cda10.*f6b0904ae7394$/);
  });

  it('shows its report data, and no other', async () => {
    expect(await verify(vector)).toBe(true);
    const inputs = fromHex(vector.inputs);
    inputs[63]! ^= 1;
    expect(await verify(vector, { inputs })).toBe(false);
    expect(await verify(vector, { inputs: inputs.subarray(1) })).toBe(false);
  });

  it('is refused with any bit changed in front of its certificates, and cut off anywhere', async () => {
    const certificates = Buffer.from(quote).indexOf('-----BEGIN');
    const flip = fc.record({ at: fc.nat(certificates - 1), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(flip, async ({ at, bit }) => {
        const proof = quote.slice();
        proof[at]! ^= 1 << bit;
        await refused(() => verify(vector, { proof }), /^the quote is refused: /);
      }),
      { numRuns: 50, examples: [[{ at: 4, bit: 0 }], [{ at: certificates - 1, bit: 0 }]] },
    );
    for (const length of [0, 47, 48, 400, certificates, certificates + 1500])
      await refused(() => verify(vector, { proof: quote.subarray(0, length) }), /^the quote is refused: /);
  });

  it('is judged by what Intel says of its platform', async () => {
    await refused(() => verify(vector, { key: { accept: [] } }), /its platform is UpToDate, .*accepts \./);
    await refused(() => verify(vector, { key: { accept: ['Revoked'] } }), /accept/, 'BAD_KEY');
  });

  it.each(['tcb_info', 'qe_identity'])(
    'is refused with %s changed, or signed by somebody else',
    async (name) => {
      const changed = (change: Record<string, string>) =>
        verify(vector, { key: { collateral: { ...collateral, ...change } } });
      const text = collateral[name]!.replace('OutOfDate', 'UpToDate').replace('"version":', '"version": ');
      await refused(() => changed({ [name]: text }), /is not signed by its signer/);
      const chain = `${name}_issuer_chain`;
      const pck = quoteChain();
      await refused(
        () => changed({ [chain]: `${pck[0]}${pck[1]}` }),
        /was not issued by the certificate above/,
      );
      await refused(() => changed({ [chain]: `${pck[1]}${pck[2]}` }), /is none that signs such/);
      await refused(() => changed({ [chain]: pck[1]! }), /has 1 certificates, expected 2/);
      await refused(() => changed({ [`${name}_signature`]: '00' }), /not signed|cannot be read/);
    },
  );

  it.each(['root_ca_crl', 'pck_crl'])('is refused with %s changed or of somebody else', async (name) => {
    const changed = (value: string) =>
      verify(vector, { key: { collateral: { ...collateral, [name]: value } } });
    const bytes = collateral[name]!;
    await refused(
      () => changed(`${bytes.slice(0, 60)}${bytes[60] === '0' ? '1' : '0'}${bytes.slice(61)}`),
      /refused/,
    );
    await refused(() => changed(bytes.slice(0, -2)), /refused/);
    await refused(() => changed(''), /refused/);
    const third = name === 'pck_crl' ? collateral.root_ca_crl! : collateral.pck_crl!;
    await refused(() => changed(third), /is not signed by its issuer/);
  });

  it('is refused at another time, with collateral of another kind, and from another root', async () => {
    for (const at of ['2025-06-18T00:00:00Z', '2025-07-30T00:00:00Z', '2040-01-01T00:00:00Z'])
      await refused(() => verify(vector, { key: { at } }), /not valid at that time/);
    await refused(() => verify(vector, { key: { collateral: other.collateral } }), /refused/);
    const { tcb_info, tcb_info_signature } = other.collateral;
    await refused(
      () =>
        verify(vector, {
          key: {
            collateral: { ...collateral, tcb_info: tcb_info!, tcb_info_signature: tcb_info_signature! },
          },
        }),
      /the TCB info is of (SGX|TDX)/,
    );
    await refused(() => verify(vector, { key: { root: quoteChain()[1]! } }), /the root was not issued/);
  });

  it('is refused for another program', async () => {
    const wrong = kind === 'sgx' ? { mrEnclave: `0x${'11'.repeat(32)}` } : { mrTd: `0x${'11'.repeat(48)}` };
    await refused(() => verify(vector, { key: { program: wrong } }), /it is of another program/);
    await refused(() => verify(vector, { key: { program: other.program } }), /the key names a program of/);
    if (kind === 'tdx') {
      const rtmr = [...(key.program.rtmr as Hex[]).slice(0, 3), `0x${'22'.repeat(48)}`];
      await refused(() => verify(vector, { key: { program: { ...key.program, rtmr } } }), /another program/);
    }
  });

  /** The quote's certificates: PCK, its issuer, the root. */
  function quoteChain(): string[] {
    const text = Buffer.from(quote).toString('latin1');
    return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g)!;
  }
});

describe('what Intel says', () => {
  const { tdx, sgx } = vectors;
  const info = tcbInfoSchema.parse(JSON.parse(tdx.key.collateral.tcb_info!));
  const identity = qeIdentitySchema.parse(JSON.parse(sgx.key.collateral.qe_identity!));
  const { report } = readQuote(fromHex(tdx.proof));
  const { qe } = readQuote(fromHex(sgx.proof));
  const newest = { fmspc: info.fmspc, pceId: info.pceId, components: Array(16).fill(255), pceSvn: 99 };

  it('of quoting enclaves: the level of their version', () => {
    expect(qeStatus(identity, { ...qe, isvSvn: 99 })).toBe('UpToDate');
    expect(qeStatus(identity, { ...qe, isvSvn: 7 })).toBe('OutOfDate');
    expect(() => qeStatus(identity, { ...qe, isvSvn: 0 })).toThrow(/no version as old/);
    for (const other of [
      { isvProdId: 9 },
      { mrSigner: new Uint8Array(32) },
      { attributes: new Uint8Array(16) },
    ])
      expect(() => qeStatus(identity, { ...qe, ...other })).toThrow(/not the one that Intel describes/);
  });

  it('of platforms and TDX modules: the first level that all components reach', () => {
    expect(platformStatuses(info, newest, report)).toEqual(['UpToDate', 'UpToDate']);
    const [best] = info.tcbLevels;
    const components = best!.tcb.sgxtcbcomponents.map(({ svn }) => svn);
    const older = (at: number) => components.map((svn, i) => (i === at ? svn - 1 : svn));
    expect(() => platformStatuses(info, { ...newest, components: older(0) }, report)).toThrow(
      /no version as old/,
    );
    const pceSvn = best!.tcb.pcesvn - 1;
    expect(platformStatuses(info, { ...newest, pceSvn }, report)).toEqual(['OutOfDate', 'UpToDate']);
    expect(() => platformStatuses(info, { ...newest, pceSvn: 0 }, report)).toThrow(/no version as old/);
    expect(() => platformStatuses(info, { ...newest, fmspc: new Uint8Array(6) }, report)).toThrow(
      /another platform/,
    );
    if (report.kind !== 'tdx') throw new TypeError('the vector is of TDX');
    const domain = (change: object) => ({ ...report, domain: { ...report.domain, ...change } });
    const module = (svn: number, version: number) => {
      const teeTcbSvn = report.domain.teeTcbSvn.slice();
      teeTcbSvn.set([svn, version]);
      return domain({ teeTcbSvn });
    };
    expect(platformStatuses(info, newest, module(2, 1))).toEqual(['UpToDate', 'OutOfDate']);
    expect(() => platformStatuses(info, newest, module(1, 1))).toThrow(/no version as old/);
    expect(() => platformStatuses(info, newest, module(1, 9))).toThrow(/does not describe its TDX module/);
    for (const other of [
      { mrSignerSeam: new Uint8Array(48).fill(1) },
      { seamAttributes: new Uint8Array(8).fill(1) },
    ])
      expect(() => platformStatuses(info, newest, domain(other))).toThrow(/TDX module is not the one/);
  });

  it('of revoked certificates', () => {
    const { chain } = readQuote(fromHex(tdx.proof));
    const [pck, issuer] = readChain('the chain', chain, 3) as [X509Certificate, X509Certificate];
    const bytes = fromHex(`0x${tdx.key.collateral.pck_crl}`);
    const list = new RevocationList('the list', bytes, issuer, Date.parse(tdx.key.at));
    expect(() => list.check('the PCK certificate', pck)).not.toThrow();
    // The first entry of Intel's list, put in the place of the certificate's own number, which is as long.
    const own = Buffer.from(pck.serialNumber, 'hex');
    const revoked = Buffer.from('6fc34e5023e728923435d61aa4b83c618166ad35', 'hex');
    expect(Buffer.from(bytes).includes(revoked)).toBe(true);
    expect(own).toHaveLength(revoked.length);
    const raw = Buffer.from(pck.raw);
    revoked.copy(raw, raw.indexOf(own));
    expect(() => list.check('the PCK certificate', new X509Certificate(raw))).toThrow(
      /the PCK certificate is revoked/,
    );
  });
});
