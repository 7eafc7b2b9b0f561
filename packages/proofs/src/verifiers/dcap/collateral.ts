import { fromHex } from '@polyproof/base';
import { z } from 'zod';
import { hex } from '../layouts.js';
import type { PlatformTcb } from './certificates.js';
import type { EnclaveReport, Quote } from './quote.js';
import { ensure } from './refuse.js';

/** What Intel says of a platform or an enclave in a version. */
export const TCB_STATUSES = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
] as const;
export type TcbStatus = (typeof TCB_STATUSES)[number];

const bare = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-fA-F]{${2 * bytes}}$`))
    .transform((text) => fromHex(`0x${text}`));
const status = z.enum(TCB_STATUSES);
const svn = z.int().min(0).max(65535);
const date = z.iso.datetime().transform((text) => Date.parse(text));
const components = z.array(z.object({ svn })).length(16);
const isvLevels = z.array(z.object({ tcb: z.object({ isvsvn: svn }), tcbStatus: status }));
const times = { issueDate: date, nextUpdate: date };
const seam = { mrsigner: bare(48), attributes: bare(8), attributesMask: bare(8) };

export const tcbInfoSchema = z.object({
  ...times,
  id: z.enum(['SGX', 'TDX']),
  version: z.literal(3),
  fmspc: bare(6),
  pceId: bare(2),
  tdxModule: z.object(seam).optional(),
  tdxModuleIdentities: z.array(z.object({ ...seam, id: z.string(), tcbLevels: isvLevels })).optional(),
  tcbLevels: z.array(
    z.object({
      tcb: z.object({ sgxtcbcomponents: components, pcesvn: svn, tdxtcbcomponents: components.optional() }),
      tcbStatus: status,
    }),
  ),
});
export type TcbInfo = z.output<typeof tcbInfoSchema>;

export const qeIdentitySchema = z.object({
  ...times,
  id: z.enum(['QE', 'TD_QE']),
  version: z.literal(2),
  miscselect: bare(4),
  miscselectMask: bare(4),
  attributes: bare(16),
  attributesMask: bare(16),
  mrsigner: bare(32),
  isvprodid: svn,
  tcbLevels: isvLevels,
});

/** Intel's collateral as its certification service and its caches hand it out. */
export const collateralSchema = z.object({
  root_ca_crl: z.string(),
  pck_crl: z.string(),
  tcb_info_issuer_chain: z.string(),
  tcb_info: z.string(),
  tcb_info_signature: z.string(),
  qe_identity_issuer_chain: z.string(),
  qe_identity: z.string(),
  qe_identity_signature: z.string(),
});

/** Hexadecimal digits with or without 0x. @throws {ProofError} `QUOTE_REFUSED` */
export function digits(what: string, text: string): Uint8Array {
  const parsed = hex.safeParse(text.startsWith('0x') ? text : `0x${text}`);
  ensure(parsed.success, `${what} is not hexadecimal`);
  return fromHex(parsed.data);
}

/** The status of the quoting enclave. @throws {ProofError} `QUOTE_REFUSED` when it is not the one described */
export function qeStatus(identity: z.output<typeof qeIdentitySchema>, qe: EnclaveReport): TcbStatus {
  ensure(
    maskedEqual(qe.miscSelect, identity.miscselect, identity.miscselectMask) &&
      maskedEqual(qe.attributes, identity.attributes, identity.attributesMask) &&
      maskedEqual(qe.mrSigner, identity.mrsigner) &&
      qe.isvProdId === identity.isvprodid,
    'its quoting enclave is not the one that Intel describes',
  );
  return isvStatus('its quoting enclave', identity.tcbLevels, qe.isvSvn);
}

/** The statuses of the platform and, for TDX, of its module. @throws {ProofError} `QUOTE_REFUSED` */
export function platformStatuses(info: TcbInfo, platform: PlatformTcb, report: Quote['report']): TcbStatus[] {
  ensure(
    maskedEqual(info.fmspc, platform.fmspc) && maskedEqual(info.pceId, platform.pceId),
    'the TCB info is of another platform',
  );
  const module = report.kind === 'tdx' ? moduleOf(info, report.domain) : undefined;
  const level = info.tcbLevels.find(({ tcb }) => {
    const atLeast = (own: ArrayLike<number>, wanted: { svn: number }[], from = 0) =>
      wanted.every((one, i) => i < from || own[i]! >= one.svn);
    if (!atLeast(platform.components, tcb.sgxtcbcomponents) || platform.pceSvn < tcb.pcesvn) return false;
    if (report.kind === 'sgx') return true;
    // A module with an identity of its own is judged by that, not by the first two components.
    const from = module === undefined ? 0 : 2;
    return tcb.tdxtcbcomponents !== undefined && atLeast(report.domain.teeTcbSvn, tcb.tdxtcbcomponents, from);
  });
  ensure(level !== undefined, 'Intel knows of no version as old as that of its platform');
  return module === undefined ? [level.tcbStatus] : [level.tcbStatus, module];
}

function moduleOf(
  info: TcbInfo,
  { teeTcbSvn, mrSignerSeam, seamAttributes }: Extract<Quote['report'], { kind: 'tdx' }>['domain'],
): TcbStatus | undefined {
  const [svn, version] = [teeTcbSvn[0]!, teeTcbSvn[1]!];
  const identity = info.tdxModuleIdentities?.find(
    ({ id }) => id === `TDX_${version.toString(16).padStart(2, '0').toUpperCase()}`,
  );
  const module = version === 0 ? info.tdxModule : identity;
  ensure(module !== undefined, 'Intel does not describe its TDX module');
  ensure(
    maskedEqual(mrSignerSeam, module.mrsigner) &&
      maskedEqual(seamAttributes, module.attributes, module.attributesMask),
    'its TDX module is not the one that Intel describes',
  );
  return version === 0 ? undefined : isvStatus('its TDX module', identity!.tcbLevels, svn);
}

/** Levels stand in falling order: the first that is not newer counts. */
function isvStatus(what: string, levels: z.output<typeof isvLevels>, isvSvn: number): TcbStatus {
  const level = levels.find(({ tcb }) => tcb.isvsvn <= isvSvn);
  ensure(level !== undefined, `Intel knows of no version as old as that of ${what}`);
  return level.tcbStatus;
}

function maskedEqual(own: Uint8Array, wanted: Uint8Array, mask?: Uint8Array): boolean {
  return (
    own.length === wanted.length && own.every((byte, i) => ((byte ^ wanted[i]!) & (mask?.[i] ?? 0xff)) === 0)
  );
}
