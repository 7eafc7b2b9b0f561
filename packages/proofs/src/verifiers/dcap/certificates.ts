import { type KeyObject, verify as verifySignature, X509Certificate } from 'node:crypto';
import { toHex } from '@polyproof/base';
import { DER, type DerValue, derNumber, derParts, derTime, derValues } from './der.js';
import { ensure, readable } from './refuse.js';

/** Of SGX's extension of PCK certificates, and of its parts, in DER. */
const SGX_OID = '2a864886f84d010d01';

/** What a PCK certificate says of its platform. */
export interface PlatformTcb {
  fmspc: Uint8Array;
  pceId: Uint8Array;
  /** security versions of the 16 components */
  components: number[];
  pceSvn: number;
}

/** Certificates of PEM, leaf first. @throws {ProofError} `QUOTE_REFUSED` */
export function readChain(what: string, pem: string, count: number): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  ensure(blocks.length === count, `${what} has ${blocks.length} certificates, expected ${count}`);
  return blocks.map((block) => readable(what, () => new X509Certificate(block)));
}

/** A list of revoked certificates, whose signature and time were checked. */
export class RevocationList {
  readonly #serials: Set<string>;

  /** @throws {ProofError} `QUOTE_REFUSED` */
  constructor(what: string, bytes: Uint8Array, issuer: X509Certificate, at: number) {
    const [list] = derValues(bytes);
    const [tbs, , signature] = derParts(list);
    ensure(tbs !== undefined && signature !== undefined, `${what} is not laid out as it should be`);
    ensure(signature.tag === DER.bitString, `${what} has no signature`);
    ensure(
      readable(what, () =>
        verifySignature('sha256', tbs.bytes, issuer.publicKey, signature.content.subarray(1)),
      ),
      `${what} is not signed by its issuer`,
    );
    const [, , name, thisUpdate, nextUpdate, revoked] = derParts(tbs);
    ensure(
      name !== undefined && toHex(name.bytes) === toHex(subjectOf(issuer)),
      `${what} is of another issuer`,
    );
    ensure(thisUpdate !== undefined && nextUpdate !== undefined, `${what} has no times`);
    ensure(derTime(thisUpdate) <= at && at <= derTime(nextUpdate), `${what} is not valid at that time`);
    // Without revoked certificates the next part is the extensions.
    const entries = revoked?.tag === DER.sequence ? derParts(revoked) : [];
    this.#serials = new Set(
      entries.map((entry) => {
        const [serial] = derParts(entry);
        ensure(serial?.tag === DER.integer, `${what} has an entry without a number`);
        return serialOf(serial);
      }),
    );
  }

  /** @throws {ProofError} `QUOTE_REFUSED` when it is revoked */
  check(what: string, certificate: X509Certificate): void {
    const [, serial] = tbsOf(certificate);
    ensure(serial !== undefined && !this.#serials.has(serialOf(serial)), `${what} is revoked`);
  }
}

/** Whether a certificate was issued by another, which may issue some, and both are valid at the time. */
export function checkIssued(what: string, child: X509Certificate, issuer: X509Certificate, at: number): void {
  ensure(issuer.ca, `${what} was issued by a certificate that may not issue any`);
  ensure(
    readable(what, () => child.checkIssued(issuer) && child.verify(issuer.publicKey)),
    `${what} was not issued by the certificate above it`,
  );
  for (const { validFrom, validTo } of [child, issuer])
    ensure(Date.parse(validFrom) <= at && at <= Date.parse(validTo), `${what} is not valid at that time`);
}

/** Whether two certificates are the same, byte for byte. */
export function sameCertificate(a: X509Certificate, b: X509Certificate): boolean {
  return a.raw.equals(b.raw);
}

/** A signature with the key of a certificate, r and s of 32 bytes each, over SHA-256. */
export function isSigned(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return readable('a signature', () =>
    verifySignature('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature),
  );
}

/** What SGX's extension of a PCK certificate says. @throws {ProofError} `QUOTE_REFUSED` */
export function platformOf(certificate: X509Certificate): PlatformTcb {
  const extensions = tbsOf(certificate).find(({ tag }) => tag === 0xa3);
  const [list] = derParts(extensions, 0xa3);
  const values = derParts(list).map((extension) => derParts(extension));
  const sgx = values.filter(([oid]) => oid !== undefined && suffix(oid) === '');
  ensure(sgx.length === 1, 'the PCK certificate says nothing of its platform');
  const [body] = derParts(sgx[0]!.at(-1), DER.octetString);
  const parts = named(body);
  const tcb = named(parts.get('02'));
  const number = (id: number) => {
    const value = tcb.get(`02${id.toString(16).padStart(2, '0')}`);
    ensure(value !== undefined, 'the PCK certificate lacks a security version');
    return derNumber(value);
  };
  const octets = (id: string, length: number) => {
    const value = parts.get(id);
    ensure(
      value?.tag === DER.octetString && value.content.length === length,
      'the PCK certificate does not name its platform',
    );
    return value.content;
  };
  return {
    fmspc: octets('04', 6),
    pceId: octets('03', 2),
    components: Array.from({ length: 16 }, (_, i) => number(i + 1)),
    pceSvn: number(17),
  };
}

/** Values by what their object identifier has behind SGX's, in hexadecimal digits. */
function named(value: DerValue | undefined): Map<string, DerValue> {
  return new Map(
    derParts(value).flatMap((entry): [string, DerValue][] => {
      const [oid, content] = derParts(entry);
      const id = oid === undefined ? undefined : suffix(oid);
      return id === undefined || content === undefined ? [] : [[id, content]];
    }),
  );
}

function suffix({ tag, content }: DerValue): string | undefined {
  const id = Buffer.from(content).toString('hex');
  return tag === DER.oid && id.startsWith(SGX_OID) ? id.slice(SGX_OID.length) : undefined;
}

/** Version, serial number, algorithm, issuer, validity, subject and so on of a certificate. */
function tbsOf(certificate: X509Certificate): DerValue[] {
  const [whole] = derValues(certificate.raw);
  const [tbs] = derParts(whole);
  return derParts(tbs);
}

function subjectOf(certificate: X509Certificate): Uint8Array {
  const subject = tbsOf(certificate)[5];
  ensure(subject !== undefined, 'a certificate has no subject');
  return subject.bytes;
}

function serialOf({ content }: DerValue): string {
  return Buffer.from(content)
    .toString('hex')
    .replace(/^(00)+/, '');
}
