import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { equalBytes } from '@polyproof/base';
import { isSigned } from './certificates.js';
import { ensure, readable } from './refuse.js';

/** A report of an enclave, 384 bytes: the enclave's own, or that of the quoting enclave. */
export interface EnclaveReport {
  miscSelect: Uint8Array;
  attributes: Uint8Array;
  mrEnclave: Uint8Array;
  mrSigner: Uint8Array;
  isvProdId: number;
  isvSvn: number;
  reportData: Uint8Array;
}

/** A report of a trust domain, 584 bytes. */
export interface DomainReport {
  teeTcbSvn: Uint8Array;
  mrSignerSeam: Uint8Array;
  seamAttributes: Uint8Array;
  tdAttributes: Uint8Array;
  mrTd: Uint8Array;
  rtmr: Uint8Array[];
  reportData: Uint8Array;
}

export interface Quote {
  report: { kind: 'sgx'; enclave: EnclaveReport } | { kind: 'tdx'; domain: DomainReport };
  /** of the quoting enclave, whose signature is still to be checked with the PCK certificate */
  qe: EnclaveReport;
  qeBytes: Uint8Array;
  qeSignature: Uint8Array;
  /** PCK certificate first, in PEM */
  chain: string;
}

const HEADER_BYTES = 48;
const ENCLAVE_BYTES = 384;
const DOMAIN_BYTES = 584;
const TEE_SGX = 0;
const TEE_TDX = 0x81;
const ECDSA_P256 = 2;
const INTEL_QE = '939a7233f79c4ca9940a0db3957f0607';
/** certification data: a chain of certificates in PEM; the report of the quoting enclave, with such data behind it */
const PEM_CHAIN = 5;
const QE_REPORT = 6;

/**
 * Reads a quote of version 3 (SGX) or 4 (SGX, TDX), and checks what it proves by itself: the report is signed by the
 * attestation key, and the report of the quoting enclave names that key.
 * @throws {ProofError} `QUOTE_REFUSED`
 */
export function readQuote(bytes: Uint8Array): Quote {
  const reader = new Reader(bytes);
  const header = reader.take(HEADER_BYTES);
  const version = u16(header, 0);
  ensure(version === 3 || version === 4, `its version is ${version}, expected 3 or 4`);
  ensure(u16(header, 2) === ECDSA_P256, 'its key is not of ECDSA over P-256');
  const tee = version === 3 ? TEE_SGX : u32(header, 4);
  ensure(tee === TEE_SGX || tee === TEE_TDX, `its kind ${tee} is neither SGX nor TDX`);
  ensure(Buffer.from(header.subarray(12, 28)).toString('hex') === INTEL_QE, 'its maker is not Intel');
  const body = reader.take(tee === TEE_SGX ? ENCLAVE_BYTES : DOMAIN_BYTES);
  const signed = bytes.subarray(0, HEADER_BYTES + body.length);
  const data = new Reader(reader.take(u32(reader.take(4), 0)));

  const signature = data.take(64);
  const attestationKey = data.take(64);
  const inner = version === 3 ? data : data.certification(QE_REPORT);
  const qeBytes = inner.take(ENCLAVE_BYTES);
  const qeSignature = inner.take(64);
  const authentication = inner.take(u16(inner.take(2), 0));
  const chain = Buffer.from(inner.certification(PEM_CHAIN).rest()).toString('latin1');
  ensure(data.rest().length === 0 && inner.rest().length === 0, 'it has more than its parts');

  ensure(isSigned(p256(attestationKey), signed, signature), 'its report is not signed by its key');
  const qe = enclaveReport(qeBytes);
  const named = createHash('sha256').update(attestationKey).update(authentication).digest();
  ensure(
    equalBytes(qe.reportData, Buffer.concat([named, Buffer.alloc(32)])),
    'the quoting enclave names another key',
  );
  const report: Quote['report'] =
    tee === TEE_SGX
      ? { kind: 'sgx', enclave: enclaveReport(body) }
      : { kind: 'tdx', domain: domainReport(body) };
  return { report, qe, qeBytes, qeSignature, chain };
}

function enclaveReport(bytes: Uint8Array): EnclaveReport {
  return {
    miscSelect: bytes.subarray(16, 20),
    attributes: bytes.subarray(48, 64),
    mrEnclave: bytes.subarray(64, 96),
    mrSigner: bytes.subarray(128, 160),
    isvProdId: u16(bytes, 256),
    isvSvn: u16(bytes, 258),
    reportData: bytes.subarray(320, 384),
  };
}

function domainReport(bytes: Uint8Array): DomainReport {
  return {
    teeTcbSvn: bytes.subarray(0, 16),
    mrSignerSeam: bytes.subarray(64, 112),
    seamAttributes: bytes.subarray(112, 120),
    tdAttributes: bytes.subarray(120, 128),
    mrTd: bytes.subarray(136, 184),
    rtmr: [0, 1, 2, 3].map((i) => bytes.subarray(328 + 48 * i, 376 + 48 * i)),
    reportData: bytes.subarray(520, 584),
  };
}

function p256(point: Uint8Array): KeyObject {
  const coordinate = (start: number) => Buffer.from(point.subarray(start, start + 32)).toString('base64url');
  return readable('its key', () =>
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: coordinate(0), y: coordinate(32) }, format: 'jwk' }),
  );
}

function u16(bytes: Uint8Array, at: number): number {
  return bytes[at]! + 256 * bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) + 65536 * u16(bytes, at + 2);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(length: number): Uint8Array {
    ensure(this.#at + length <= this.#bytes.length, 'it is cut off');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }

  /** Certification data of a type: what is in it. */
  certification(type: number): Reader {
    const found = u16(this.take(2), 0);
    ensure(found === type, `it has certification data of type ${found}, expected ${type}`);
    return new Reader(this.take(u32(this.take(4), 0)));
  }
}
