import type { EventHub, Logger } from '@polyproof/base';
import type { Connection } from '../database/database.js';
import type { AggregatorEvents } from '../events.js';
import type { SettlementEvent } from '../ports.js';
import type { SubmissionStore } from '../proof-sender/submission-store.js';

/** Tells others of an event, after it was stored. */
export type Announce = () => void;

/** Stores what the contract says of a proof of ours. */
export async function ofOurs(
  tx: Connection,
  event: Exclude<SettlementEvent, { type: 'SequenceSubmitted' | 'SequenceVerified' }>,
  modules: { submissions: SubmissionStore; events: EventHub<AggregatorEvents>; logger: Logger },
): Promise<Announce> {
  const { submissions, events, logger } = modules;
  const { sequence, transactionHash, blockNumber } = event;
  switch (event.type) {
    case 'ProofCommitted': {
      // For the case that the answer to our transaction was lost.
      const { round, proofHash } = event;
      const transaction = { commitTx: transactionHash, commitBlock: blockNumber };
      await submissions.fillCommitment(tx, sequence, { round, proofHash }, transaction);
      return () => undefined;
    }
    case 'ProofRevealed': {
      const { round } = event;
      const reveal = { round, revealTx: transactionHash, revealBlock: blockNumber };
      await submissions.setVerified(sequence, reveal, tx);
      return () => undefined;
    }
    case 'RewardEarned': {
      const { amountWei } = event;
      await submissions.setVerified(sequence, { rewardWei: amountWei }, tx);
      return () => {
        logger.info('reward earned', { sequence, amountWei });
        events.emit('rewardEarned', { sequence, amountWei });
      };
    }
    case 'CommitmentPenalised': {
      const { round, offence, amountWei } = event;
      // After a failed round the proof is sent again; otherwise nothing can be done with it any more.
      if (offence === 'missedReveal') await submissions.update(sequence, { state: 'lost' }, tx);
      if (offence === 'wrongProof') await submissions.update(sequence, { state: 'refused' }, tx);
      return () => {
        logger.warn('stake was taken', { sequence, round, offence, amountWei });
        events.emit('penalised', { sequence, round, offence, amountWei });
      };
    }
  }
}
