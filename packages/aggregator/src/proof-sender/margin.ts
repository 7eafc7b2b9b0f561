import { formatEther } from '@polyproof/chain';

/** What an operator wants to earn with a sequence before it competes for it. */
export interface MarginRule {
  /** least wei that have to be left of the expected reward */
  leastWei: bigint;
  /** wei that a second of proving costs; default 0 */
  provingSecondWei?: bigint;
  /** the part of a reward that is expected to be ours, from 0 to 1; default 1: nobody else competes */
  expectedShare?: number;
  /** gas of commit, reveal and settling together; default 1,250,000 */
  gas?: bigint;
}

const DEFAULT_GAS = 1_250_000n;
const PARTS = 1_000_000;

/** Why a sequence is not worth a commitment; `undefined` when it is. */
export function belowMargin(
  rule: MarginRule,
  figures: { rewardWei: bigint; gasPriceWei: bigint; provingSeconds: number },
): string | undefined {
  const { leastWei, expectedShare = 1, gas = DEFAULT_GAS } = rule;
  const share = BigInt(Math.round(Math.min(1, Math.max(0, expectedShare)) * PARTS));
  const income = (figures.rewardWei * share) / BigInt(PARTS);
  const cost = gas * figures.gasPriceWei + provingCostWei(rule, figures.provingSeconds);
  if (income - cost >= leastWei) return undefined;
  return (
    `not worth a commitment: ${formatEther(income)} ETH of reward are expected and ${formatEther(cost)} ETH of cost, ` +
    `and ${formatEther(leastWei)} ETH are to be left.`
  );
}

/** What proving takes, in wei. */
export function provingCostWei(
  { provingSecondWei = 0n }: Pick<MarginRule, 'provingSecondWei'>,
  seconds: number,
): bigint {
  return (provingSecondWei * BigInt(Math.round(seconds * 1e3))) / 1_000n;
}
