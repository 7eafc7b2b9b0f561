export interface FeePolicy {
  /** Most wei for a unit of gas, priority fee included. Default 500 gwei. */
  maxFeePerGasWei?: bigint;
  /** How long a transaction may wait for a block before it is replaced by one that pays more. Default 30,000 ms. */
  bumpAfterMs?: number;
  /** Per cent that a replacement pays more, or what the chain asks for now if that is higher. Default 25, least 10. */
  bumpPercent?: number;
}

/** Of EIP-1559, wei for a unit of gas. */
export interface Fees {
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
}

/** What nodes ask of a replacement, in both fees. */
const LEAST_BUMP_PERCENT = 10;
const DEFAULT_CAP_WEI = 500n * 10n ** 9n;

/** What the chain asks for, as far as the cap allows: below it the transaction waits until fees have fallen. */
export function cappedFees(asked: Fees, policy: FeePolicy): Fees {
  const maxFeePerGas = least(asked.maxFeePerGas, policy.maxFeePerGasWei ?? DEFAULT_CAP_WEI);
  return { maxFeePerGas, maxPriorityFeePerGas: least(asked.maxPriorityFeePerGas, maxFeePerGas) };
}

/** The fees of a replacement; `undefined` when the cap leaves too little for nodes to take one. */
export function bumpedFees(last: Fees, asked: Fees, policy: FeePolicy): Fees | undefined {
  const percent = Math.max(LEAST_BUMP_PERCENT, Math.ceil(policy.bumpPercent ?? 25));
  const bumped = (fee: bigint, by: number) => (fee * BigInt(100 + by) + 99n) / 100n;
  const more = (fee: bigint, now: bigint) => most(bumped(fee, percent), now);
  const fees = cappedFees(
    {
      maxFeePerGas: more(last.maxFeePerGas, asked.maxFeePerGas),
      maxPriorityFeePerGas: more(last.maxPriorityFeePerGas, asked.maxPriorityFeePerGas),
    },
    policy,
  );
  const enough =
    fees.maxFeePerGas >= bumped(last.maxFeePerGas, LEAST_BUMP_PERCENT) &&
    fees.maxPriorityFeePerGas >= bumped(last.maxPriorityFeePerGas, LEAST_BUMP_PERCENT);
  return enough ? fees : undefined;
}

const least = (a: bigint, b: bigint) => (a < b ? a : b);
const most = (a: bigint, b: bigint) => (a > b ? a : b);
