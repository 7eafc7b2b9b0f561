import type { Inclusion, SettlementEvent, SettlementPort } from '@polyproof/aggregator';
import type { Field, Hex } from '@polyproof/base';
import { type Commitment, proofHash, type SettlementClient, type Windows } from '@polyproof/chain';

const NO_ROUND: Windows = {
  round: 0n,
  openedAt: 0n,
  lastCommitBlock: 0n,
  firstRevealBlock: 0n,
  lastRevealBlock: 0n,
  lastShareBlock: 0n,
};

/** The settlement contract as the aggregator wants to see it. */
export class SettlementAdapter implements SettlementPort {
  readonly #client: SettlementClient;
  readonly #genesisStateRoot: Field;

  constructor(client: SettlementClient, options: { genesisStateRoot: Field }) {
    this.#client = client;
    this.#genesisStateRoot = options.genesisStateRoot;
  }

  blockNumber(): Promise<bigint> {
    return this.#client.blockNumber();
  }

  blockHash(block: bigint): Promise<Hex | undefined> {
    return this.#client.blockHash(block);
  }

  getState(): Promise<{ verifiedSequence: bigint }> {
    return this.#client.getState();
  }

  async getClaimedRoot(sequence: bigint): Promise<Field> {
    if (sequence === 0n) return this.#genesisStateRoot;
    return (await this.#client.getSequence(sequence)).claimedStateRoot;
  }

  async windows(sequence: bigint): Promise<Windows> {
    return (await this.#client.windows(sequence)) ?? NO_ROUND;
  }

  getCommitment(sequence: bigint, operator: Hex, round?: bigint): Promise<Commitment | undefined> {
    return this.#client.getCommitment(sequence, operator, round);
  }

  commit(sequence: bigint, hash: Hex): Promise<Inclusion> {
    return this.#client.commit(sequence, hash);
  }

  reveal(sequence: bigint, proof: Uint8Array, newStateRoot: Field, exitRoot: Field): Promise<Inclusion> {
    return this.#client.reveal(sequence, proof, newStateRoot, exitRoot);
  }

  submit(sequence: bigint, proof: Uint8Array, newStateRoot: Field, exitRoot: Field): Promise<Inclusion> {
    return this.#client.submitProof(sequence, proof, newStateRoot, exitRoot);
  }

  settleCommitments(sequence: bigint, round: bigint, operators: readonly Hex[]): Promise<Inclusion> {
    return this.#client.settleCommitments(sequence, round, operators);
  }

  maintain(): Promise<void> {
    return this.#client.maintain();
  }

  getReward(sequence: bigint): Promise<bigint> {
    return this.#client.getReward(sequence);
  }

  gasPriceWei(): Promise<bigint> {
    return this.#client.gasPriceWei();
  }

  getRewards(operator: Hex): ReturnType<SettlementPort['getRewards']> {
    return this.#client.getRewards(operator);
  }

  claimRewards(): Promise<Inclusion> {
    return this.#client.claimRewards();
  }

  async getEvents(fromBlock: bigint, toBlock: bigint): Promise<SettlementEvent[]> {
    const events = await this.#client.getEvents(fromBlock, toBlock);
    return events.flatMap((event): SettlementEvent[] => {
      switch (event.name) {
        case 'SequenceSubmitted':
          return [{ ...event, type: event.name, claimedRoot: event.claimedStateRoot }];
        case 'ProofCommitted':
          return [{ ...event, type: event.name }];
        case 'ProofRevealed':
          return [{ ...event, type: event.name }];
        case 'SequenceVerified':
          return [{ ...event, type: event.name }];
        case 'CommitmentPenalised':
          return [{ ...event, type: event.name }];
        case 'RewardEarned':
          return [{ ...event, type: event.name }];
        default:
          return [];
      }
    });
  }

  proofHash(proof: Uint8Array, operator: Hex): Hex {
    return proofHash(proof, operator);
  }
}
