import type { HeldAccount } from './held-account.js';
import { isNonce } from './nonce.js';

const NONCE_BYTES = 80;
const SYSTEM_OWNER = Buffer.alloc(32);

/**
 * Whether the account can pay a fee (Agave, `validate_fee_payer`): a System account without data or an initialised
 * nonce, that has the fee, and is left exempt from rent, or empty: who is below the minimum may not lose lamports.
 */
export function canPayFee(
  payer: HeldAccount,
  feeLamports: bigint,
  rentMinimum: (dataBytes: number) => bigint,
): boolean {
  if (!payer.exists || !payer.owner.equals(SYSTEM_OWNER)) return false;
  const { data, lamports } = payer;
  const nonce = data.length === NONCE_BYTES && isNonce(data);
  if (data.length > 0 && !nonce) return false;
  const minimum = rentMinimum(data.length);
  const left = lamports - feeLamports;
  if (left < (nonce ? minimum : 0n)) return false;
  return left === 0n || left >= minimum || feeLamports === 0n;
}
