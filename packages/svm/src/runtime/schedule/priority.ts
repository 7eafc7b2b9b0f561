import type { RuntimeTransaction } from '../types.js';
import { transactionCost } from './cost-model.js';

const MULTIPLIER = 1_000_000n;

/**
 * How early a transaction should be in a block: larger goes first. What the block producer earns for each unit of cost,
 * in millionths of a lamport (Agave's calculate_priority_and_cost: reward x 1,000,000 / (cost + 1)).
 *
 * The reward is the priority fee and half of the base fee, as on Solana.
 */
export function priority(transaction: RuntimeTransaction): bigint {
  const { baseFeeLamports, priorityFeeLamports } = transaction;
  const reward = priorityFeeLamports + baseFeeLamports / 2n;
  return (reward * MULTIPLIER) / BigInt(transactionCost(transaction).requested + 1);
}
