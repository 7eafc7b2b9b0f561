import { equalBytes } from '@polyproof/base';
import {
  type Account,
  encodeBase58,
  RENT_EXEMPT_MINIMUM,
  type RuntimeTransaction,
  SYSTEM_PROGRAM,
} from '@polyproof/svm';
import { AccountNotFoundError, InsufficientFundsForFeeError, TransactionRefusedError } from '../errors.js';

/** A nonce account of the System program may pay fees too. */
const NONCE_ACCOUNT_BYTES = 80;

/**
 * Checks that the fee payer can pay, as Agave's validate_fee_payer does, and that it can pay for everything of its own
 * that waits: else one balance would buy any number of places in the mempool. Nobody comes below the rent-exempt
 * minimum by a fee, or pays while below it, unless the fee empties the account (SIMD-0392).
 * @param payer - the account as it is now
 * @param waitingFeesLamports - fees of the payer's transactions that wait
 * @throws {AccountNotFoundError} {@link InsufficientFundsForFeeError} {@link TransactionRefusedError}
 */
export function checkFeePayer(
  payer: Account | undefined,
  { transaction, baseFeeLamports, priorityFeeLamports }: RuntimeTransaction,
  waitingFeesLamports: bigint,
): void {
  const address = transaction.message.accountKeys[0]!;
  if (payer === undefined || payer.lamports === 0n) throw new AccountNotFoundError(encodeBase58(address));
  const { lamports, data, owner } = payer;
  const isPlain = data.length === 0;
  if (!equalBytes(owner, SYSTEM_PROGRAM) || !(isPlain || data.length === NONCE_ACCOUNT_BYTES))
    throw new TransactionRefusedError(
      'InvalidAccountForFee',
      `This account may not be used to pay transaction fees: ${encodeBase58(address)} is not a System account.`,
    );
  const fee = baseFeeLamports + priorityFeeLamports;
  if (lamports < fee + waitingFeesLamports)
    throw new InsufficientFundsForFeeError(encodeBase58(address), lamports, fee, waitingFeesLamports);
  const left = lamports - fee - waitingFeesLamports;
  if (isPlain && fee > 0n && left > 0n && left < RENT_EXEMPT_MINIMUM)
    throw new TransactionRefusedError(
      { InsufficientFundsForRent: { account_index: 0 } },
      `Transaction results in an account (0) with insufficient funds for rent: ${encodeBase58(address)} would have ` +
        `${left} lamports after the fee and those of its waiting transactions, which must be 0 or at least ${RENT_EXEMPT_MINIMUM}.`,
    );
}
