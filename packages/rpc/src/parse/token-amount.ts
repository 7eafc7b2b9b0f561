import { DataReader, parsed } from './data-reader.js';
import type { Extension, MintState } from './token-state.js';

/** An amount of tokens as Solana's API shows it. */
export interface UiTokenAmount {
  /** as a double; null where the mint has more than 19 decimals */
  uiAmount: number | null;
  decimals: number;
  /** base units */
  amount: string;
  uiAmountString: string;
}

/** What one token of a mint is at some time: extensions let the shown amount differ from the base units. */
export interface TokenUnit {
  decimals: number;
  /** shows base units in another way than by the decimals alone */
  show?: (amount: bigint) => string;
}

export const INTEREST_BEARING = 10;
export const SCALED_UI_AMOUNT = 25;

/** 365.24 days, as Token-2022 counts. */
const SECONDS_PER_YEAR = 31_556_736;
const BASIS_POINTS = 10_000;
/** 10^20 does not fit into 64 bits. */
const MAX_DECIMALS = 19;
/** Most digits behind the point that JavaScript writes. */
const MAX_FRACTION_DIGITS = 100;

/** Agave: account-decoder's token_amount_to_ui_amount_v3. */
export function uiTokenAmount(amount: bigint, { decimals, show }: TokenUnit): UiTokenAmount {
  if (show !== undefined) {
    const uiAmountString = show(amount);
    const uiAmount = Number(uiAmountString);
    return {
      uiAmount: Number.isFinite(uiAmount) ? uiAmount : null,
      decimals,
      amount: amount.toString(),
      uiAmountString,
    };
  }
  return {
    uiAmount: decimals > MAX_DECIMALS ? null : Number(amount) / 10 ** decimals,
    decimals,
    amount: amount.toString(),
    uiAmountString: decimalText(amount, decimals),
  };
}

/** @param unixTimestamp - seconds: of the newest block */
export function tokenUnit({ decimals, extensions }: MintState, unixTimestamp: bigint): TokenUnit {
  const factor = parsed(
    () => interestFactor(extensions, unixTimestamp) ?? scaleFactor(extensions, unixTimestamp),
  );
  if (factor === undefined) return { decimals };
  return { decimals, show: (amount) => factor(amount, decimals) };
}

type Show = (amount: bigint, decimals: number) => string;

function interestFactor(extensions: readonly Extension[], now: bigint): Show | undefined {
  const extension = extensions.find(({ type }) => type === INTEREST_BEARING);
  if (extension === undefined) return undefined;
  const reader = new DataReader(extension.data);
  reader.bytes(32); // rate authority
  const [initialised, earlierRate, updated, rate] = [reader.i64(), reader.i16(), reader.i64(), reader.i16()];
  const growth = (basisPoints: number, seconds: bigint) =>
    Math.exp((basisPoints * Number(seconds)) / SECONDS_PER_YEAR / BASIS_POINTS);
  const total = growth(earlierRate, updated - initialised) * growth(rate, now - updated);
  return (amount, decimals) => fixedText((Number(amount) * total) / 10 ** decimals, decimals);
}

function scaleFactor(extensions: readonly Extension[], now: bigint): Show | undefined {
  const extension = extensions.find(({ type }) => type === SCALED_UI_AMOUNT);
  if (extension === undefined) return undefined;
  const reader = new DataReader(extension.data);
  reader.bytes(32); // authority
  const [multiplier, effective, newMultiplier] = [reader.f64(), reader.i64(), reader.f64()];
  const factor = now >= effective ? newMultiplier : multiplier;
  return (amount, decimals) => fixedText(Math.trunc(Number(amount) * factor) / 10 ** decimals, decimals);
}

/** An exact decimal number without trailing zeros. */
function decimalText(amount: bigint, decimals: number): string {
  const digits = amount.toString();
  if (decimals === 0) return digits;
  const padded = digits.padStart(decimals + 1, '0');
  return trimmed(`${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`);
}

function fixedText(value: number, decimals: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  // From 10^21 on, JavaScript writes exponents; such doubles are integers.
  if (Math.abs(value) >= 1e21) return BigInt(value).toString();
  const text = value.toFixed(Math.min(decimals, MAX_FRACTION_DIGITS));
  return decimals === 0 ? text : trimmed(text);
}

function trimmed(text: string): string {
  return text.replace(/\.?0+$/, '');
}
