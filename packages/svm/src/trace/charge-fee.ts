import { equalBytes } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import { SYSTEM_PROGRAM } from '../reserved.js';
import { rentExemptMinimum } from '../rollup-config.js';
import { isNonce } from '../runtime/engine/nonce.js';
import { allowsRentChange, rentState } from './rent-state.js';

const NONCE_BYTES = 80;

/**
 * Takes the fee from its payer (Agave's `validate_fee_payer`).
 * @returns Solana's TransactionError where he cannot pay: then nothing is taken
 */
export function chargeFee(payer: Account, feeLamports: bigint): unknown {
  if (payer.lamports === 0n) return 'AccountNotFound';
  const nonce = payer.data.length === NONCE_BYTES && isNonce(Buffer.from(payer.data));
  if (!equalBytes(payer.owner, SYSTEM_PROGRAM) || (payer.data.length > 0 && !nonce))
    return 'InvalidAccountForFee';
  const kept = nonce ? rentExemptMinimum(NONCE_BYTES) : 0n;
  if (payer.lamports - kept < feeLamports) return 'InsufficientFundsForFee';
  const before = rentState(payer);
  const charged = { ...payer, lamports: payer.lamports - feeLamports };
  if (!allowsRentChange(before, rentState(charged)))
    return { InsufficientFundsForRent: { account_index: 0 } };
  payer.lamports = charged.lamports;
  return undefined;
}
