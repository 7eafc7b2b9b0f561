import { equalBytes, fieldToHex } from '@polyproof/base';
import type { BridgeClient, ExitClaim, SettlementClient } from '@polyproof/chain';
import { type Exit, exitPath, sequenceExitRoot } from '@polyproof/svm';
import { NodeError } from './errors.js';

/**
 * Exits of verified sequences that are to be paid to an account of the base chain and are not yet, the oldest first.
 * @param recipient - 20 bytes
 * @param modules - `getExits`: of a batch, from a node of the rollup
 * @throws {NodeError} `WRONG_EXITS` where the node's exits are not those that were proved
 */
export async function exitClaims(
  recipient: Uint8Array,
  modules: {
    settlement: Pick<SettlementClient, 'getState' | 'getSequence'>;
    bridge: Pick<BridgeClient, 'getExitRoot' | 'isClaimed'>;
    getExits(batch: bigint): Promise<readonly Exit[]>;
  },
): Promise<ExitClaim[]> {
  const { settlement, bridge, getExits } = modules;
  const { verifiedSequence } = await settlement.getState();
  const claims: ExitClaim[] = [];
  for (let sequence = 1n; sequence <= verifiedSequence; sequence++) {
    const root = await bridge.getExitRoot(sequence);
    if (root === 0n) continue;
    const { firstBatch, lastBatch } = await settlement.getSequence(sequence);
    const batches: (readonly Exit[])[] = [];
    for (let batch = firstBatch; batch <= lastBatch; batch++) batches.push(await getExits(batch));
    const computed = sequenceExitRoot(batches);
    if (computed !== root)
      throw new NodeError(
        'WRONG_EXITS',
        `the node's exits of sequence ${sequence} have the root ${fieldToHex(computed)}, the base chain has ` +
          `${fieldToHex(root)}: ask another node.`,
        { sequence },
      );
    for (const [i, exits] of batches.entries())
      for (const [j, exit] of exits.entries()) {
        if (!equalBytes(exit.recipient, recipient)) continue;
        const claim = { sequence, ...exit, ...exitPath(batches, i, j) };
        if (!(await bridge.isClaimed(claim))) claims.push(claim);
      }
  }
  return claims;
}
