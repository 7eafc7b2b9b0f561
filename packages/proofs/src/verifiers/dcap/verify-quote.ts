import type { X509Certificate } from 'node:crypto';
import { equalBytes, fromHex } from '@polyproof/base';
import { z } from 'zod';
import { hex, parseJson, word } from '../layouts.js';
import type { VerificationFiles } from '../system.js';
import {
  checkIssued,
  isSigned,
  platformOf,
  RevocationList,
  readChain,
  sameCertificate,
} from './certificates.js';
import {
  collateralSchema,
  digits,
  platformStatuses,
  qeIdentitySchema,
  qeStatus,
  TCB_STATUSES,
  tcbInfoSchema,
} from './collateral.js';
import { type Quote, readQuote } from './quote.js';
import { ensure, readable } from './refuse.js';

const wide = hex.refine((text) => text.length === 98, 'is not of 48 bytes');
const key = z.strictObject({
  /** the certificate that everything is traced to, in PEM: Intel's SGX Root CA */
  root: z.string(),
  /** when the quote is judged: collateral and certificates have to be valid then */
  at: z.iso.datetime(),
  collateral: collateralSchema,
  /** what Intel may say of platform, quoting enclave and TDX module; Revoked is never accepted */
  accept: z.array(z.enum(TCB_STATUSES).exclude(['Revoked'])),
  program: z.union([
    z.strictObject({ mrEnclave: word }),
    z.strictObject({
      mrSigner: word,
      isvProdId: z.int().min(0).max(65535),
      isvSvn: z.int().min(0).max(65535),
    }),
    z.strictObject({ mrTd: wide, rtmr: z.array(wide).max(4).optional() }),
  ]),
});
type QuoteKey = z.output<typeof key>;

const SGX_DEBUG = 0x02;
/** the bits of a TD's attributes under which others may look into it */
const TDX_DEBUG = 0xff;

/**
 * A quote of SGX or TDX: that the program of the key, running on a platform of a status that the key accepts, put out
 * the inputs, 64 bytes, as its report data. Nothing is asked of a server: the collateral is in the key.
 * @throws {ProofError} `BAD_KEY`; `QUOTE_REFUSED` with the reason
 */
export function verifyQuote(files: VerificationFiles): boolean {
  const { root: rootPem, at: time, collateral, accept, program } = parseJson('key', files.key, key);
  const at = Date.parse(time);
  const [root] = readChain('the root of the key', rootPem, 1) as [X509Certificate];
  const quote = readQuote(files.proof);

  checkIssued('the root', root, root, at);
  const rootList = new RevocationList(
    'the list of revoked certificates of the root',
    digits('root_ca_crl', collateral.root_ca_crl),
    root,
    at,
  );
  const [pck, issuer, top] = readChain('its chain', quote.chain, 3) as [
    X509Certificate,
    X509Certificate,
    X509Certificate,
  ];
  ensure(sameCertificate(top, root), 'its chain does not end in the root of the key');
  checkIssued('the PCK certificate', pck, issuer, at);
  checkIssued("the PCK certificate's issuer", issuer, root, at);
  rootList.check("the PCK certificate's issuer", issuer);
  new RevocationList(
    'the list of revoked PCK certificates',
    digits('pck_crl', collateral.pck_crl),
    issuer,
    at,
  ).check('the PCK certificate', pck);
  ensure(
    isSigned(pck.publicKey, quote.qeBytes, quote.qeSignature),
    'its quoting enclave is not certified by the PCK certificate',
  );

  const signed = <S extends z.ZodType<{ issueDate: number; nextUpdate: number }>>(
    what: string,
    text: string,
    signature: string,
    chain: string,
    schema: S,
  ): z.output<S> => {
    const [signer] = readChain(`the chain of ${what}`, chain, 2) as [X509Certificate];
    checkIssued(`the signer of ${what}`, signer, root, at);
    ensure(!signer.ca, `the signer of ${what} is none that signs such`);
    rootList.check(`the signer of ${what}`, signer);
    ensure(
      isSigned(signer.publicKey, Buffer.from(text), digits(`the signature of ${what}`, signature)),
      `${what} is not signed by its signer`,
    );
    const value = readable(what, () => schema.parse(JSON.parse(text)));
    ensure(value.issueDate <= at && at <= value.nextUpdate, `${what} is not valid at that time`);
    return value;
  };
  const c = collateral;
  const info = signed(
    'the TCB info',
    c.tcb_info,
    c.tcb_info_signature,
    c.tcb_info_issuer_chain,
    tcbInfoSchema,
  );
  const identity = signed(
    'the QE identity',
    c.qe_identity,
    c.qe_identity_signature,
    c.qe_identity_issuer_chain,
    qeIdentitySchema,
  );
  const sgx = quote.report.kind === 'sgx';
  ensure(info.id === (sgx ? 'SGX' : 'TDX'), `the TCB info is of ${info.id}`);
  ensure(identity.id === (sgx ? 'QE' : 'TD_QE'), `the QE identity is of ${identity.id}`);
  const statuses = [qeStatus(identity, quote.qe), ...platformStatuses(info, platformOf(pck), quote.report)];
  for (const status of statuses)
    ensure(
      (accept as string[]).includes(status),
      `its platform is ${statuses.join(', ')}, and the key accepts ${accept.join(', ')}`,
    );
  checkProgram(quote.report, program);
  return equalBytes(files.inputs, reportData(quote.report));
}

function reportData(report: Quote['report']): Uint8Array {
  return report.kind === 'sgx' ? report.enclave.reportData : report.domain.reportData;
}

function checkProgram(report: Quote['report'], program: QuoteKey['program']): void {
  if (report.kind === 'sgx') {
    const { enclave } = report;
    ensure((enclave.attributes[0]! & SGX_DEBUG) === 0, 'its enclave can be debugged');
    ensure(!('mrTd' in program), 'it is of SGX, and the key names a program of TDX');
    const same =
      'mrEnclave' in program
        ? equalBytes(enclave.mrEnclave, fromHex(program.mrEnclave))
        : equalBytes(enclave.mrSigner, fromHex(program.mrSigner)) &&
          enclave.isvProdId === program.isvProdId &&
          enclave.isvSvn >= program.isvSvn;
    ensure(same, 'it is of another program');
    return;
  }
  const { domain } = report;
  ensure((domain.tdAttributes[0]! & TDX_DEBUG) === 0, 'its domain can be debugged');
  ensure('mrTd' in program, 'it is of TDX, and the key names a program of SGX');
  const registers = program.rtmr ?? [];
  ensure(
    equalBytes(domain.mrTd, fromHex(program.mrTd)) &&
      registers.every((value, i) => equalBytes(domain.rtmr[i]!, fromHex(value))),
    'it is of another program',
  );
}
