import { encodeBase58, type SignatureInfo } from '@polyproof/svm';
import { type MethodContext, slotAt, withContext } from '../context.js';
import { paramError } from '../errors.js';
import { base58Of, Params } from '../params.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { Turns } from '../turns.js';

const MAX_SIGNATURES = 256;
const MAX_INFOS = 1_000n;
/** Agave counts confirmations up to its longest lockout. */
const MAX_CONFIRMATIONS = 31n;

/** What became of transactions. */
export function signatureMethods(context: MethodContext): RpcMethods {
  const { bank, finality } = context;
  return {
    // searchTransactionHistory makes no difference: all that is kept is found as fast.
    getSignatureStatuses: (values) => {
      const params = new Params(values);
      const signatures = params.list(0, 'signatures', MAX_SIGNATURES, (entry) =>
        base58Of(entry, 64, 'signature'),
      );
      params.config(1).boolean('searchTransactionHistory');
      const verified = finality.batch;
      const { slot } = bank;
      const statuses = signatures.map((signature) => {
        const found = bank.getSignatureStatus(signature);
        if (found === undefined) return null;
        const err = found.error ?? null;
        const finalized = found.batch <= verified;
        const blocks = slot - found.slot;
        return {
          slot: found.slot,
          confirmations: finalized ? null : blocks < MAX_CONFIRMATIONS ? blocks : MAX_CONFIRMATIONS,
          err,
          status: err === null ? { Ok: null } : { Err: err },
          confirmationStatus: finalized ? 'finalized' : 'confirmed',
        };
      });
      return withContext(context, statuses);
    },

    getSignaturesForAddress: async (values) => {
      const params = new Params(values);
      const address = params.bytes32(0, 'address');
      const config = params.config(1).checkMinContextSlot(context);
      const [before, until] = [config.signature('before'), config.signature('until')];
      const limit = config.u64('limit') ?? MAX_INFOS;
      if (limit === 0n || limit > MAX_INFOS) throw paramError(`Invalid limit; max ${MAX_INFOS}`);
      const newest = slotAt(context, config.historyCommitment);
      const infos = await search(bank, address, newest, { limit: Number(limit), before, until });
      const verified = finality.batch;
      return infos.map((info) => infoJson(info, info.batch <= verified));
    },
  };
}

/** The newest entries that are not above a slot. */
async function search(
  bank: MethodContext['bank'],
  address: Uint8Array,
  newest: bigint,
  options: { limit: number; before: Uint8Array | undefined; until: Uint8Array | undefined },
): Promise<SignatureInfo[]> {
  const { limit, until } = options;
  const turns = new Turns();
  const found: SignatureInfo[] = [];
  for (let { before } = options; found.length < limit; ) {
    const page = bank.getSignaturesForAddress(address, {
      limit,
      ...(before === undefined ? {} : { before }),
      ...(until === undefined ? {} : { until }),
    });
    for (const info of page) if (info.slot <= newest && found.length < limit) found.push(info);
    if (page.length < limit) break;
    before = page.at(-1)!.signature;
    if (turns.isOver) await turns.next();
  }
  return found;
}

function infoJson(info: SignatureInfo, finalized: boolean) {
  return {
    signature: encodeBase58(info.signature),
    slot: info.slot,
    err: info.error ?? null,
    memo: info.memo,
    blockTime: info.unixTimestamp,
    confirmationStatus: finalized ? 'finalized' : 'confirmed',
    transactionIndex: info.index,
  };
}
