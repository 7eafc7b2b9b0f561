import { encodeErrorResult, toFunctionSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import { bridgeAbi, operatorRegistryAbi, settlementAbi } from '../src/index.js';
import { decodeSettlementError } from '../src/settlement-error.js';
import { printableUrl, translateError } from '../src/translate-error.js';

// Some are errors of two contracts.
const errors = [
  ...new Map(
    [...settlementAbi, ...operatorRegistryAbi, ...bridgeAbi]
      .filter((item) => item.type === 'error')
      .map((item) => [item.name, item]),
  ).values(),
];
const SAMPLES: Record<string, unknown> = {
  uint32: 5,
  uint64: 3n,
  uint256: 10n ** 18n,
  address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  bytes4: '0xabababab',
  bytes32: `0x${'ab'.repeat(32)}`,
  string: 'verifier',
};

describe('decodeSettlementError', () => {
  it('has a sentence for every error of the contracts', () => {
    const messages = errors.map((item) => {
      const args = item.inputs.map(({ type }) => SAMPLES[type]);
      const data = encodeErrorResult({ abi: [item], errorName: item.name, args } as never);
      const error = decodeSettlementError(data)!;
      expect(error.code).toBe(item.name);
      expect(error.details).toEqual(
        Object.fromEntries(item.inputs.map(({ name, type }) => [name, SAMPLES[type]])),
      );
      return `${error.code}${error.retryable ? ' (retryable)' : ''}: ${error.message}`;
    });
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "AlreadyCommitted: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 has committed to a proof of sequence 3 in round 3 already: one is allowed.
      AlreadyRevealed: the commitment of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 for sequence 3 in round 3 has ended: a proof is shown once.
      AlreadyVerified: sequence 3 is verified already: no further proof is needed.
      CommitWindowClosed (retryable): sequence 3 takes no commitments in block 1000000000000000000: its commit window ended with block 1000000000000000000; wait until it is verified or its reveal window has passed.
      CommitmentBinding: the commitment for sequence 3 in round 3 cannot be taken back: only after block 1000000000000000000, and only while the sequence before is not verified.
      EmptyBatch: batch 1000000000000000000 of the sequence (from 0) is empty: leave it out.
      EmptySequence: a sequence needs at least one batch, none was given.
      InsufficientFunds (retryable): the contract holds 1 ETH, the rewards are 1 ETH: fund it first.
      InvalidConfig: the settlement contract cannot be deployed with this "verifier": correct the configuration.
      NoCommitment: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 has no open commitment for sequence 3 in round 3: commit the hash of the proof first.
      NotAdmin: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 is not the administrator: only 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 may change parameters.
      NotEnoughGas: 1000000000000000000 gas is left for the verifier, 1000000000000000000 are needed: send the transaction with more.
      NotFieldElement: 0xabababababababababababababababababababababababababababababababab is not a BN254 field element: it must be below the modulus.
      NotOperator: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 is not an operator with the least stake: register it, or add to its stake.
      NotSequencer: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 is not the sequencer of this rollup: only 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 may submit sequences.
      NothingToClaim: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 has no rewards left to claim.
      OutOfOrder (retryable): sequence 3 cannot be verified before sequence 3: reveal again when 3 is verified.
      PaymentRefused: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 refused the payment of 1 ETH.
      ProofHashMismatch: the proof hashes to 0xabababababababababababababababababababababababababababababababab, the commitment is 0xabababababababababababababababababababababababababababababababab: reveal the proof that was committed to.
      RevealWindowClosed: sequence 3 takes no proofs in block 1000000000000000000: its reveal window ended with block 1000000000000000000; commit again in a new round.
      RevealWindowNotOpen (retryable): sequence 3 takes no proofs in block 1000000000000000000: its reveal window opens with block 1000000000000000000.
      RoundNotOver (retryable): round 3 of sequence 3 cannot be settled yet: it may be joined up to block 3.
      StateRootMismatch: the proof says state root 0xabababababababababababababababababababababababababababababababab, the sequencer claimed 0xabababababababababababababababababababababababababababababababab: one of them executed wrongly.
      UnexpectedBatch: batch 3 cannot be submitted yet: the next sequence begins with batch 3.
      UnknownRound: sequence 3 has had no round 3: the newest one is 3.
      UnknownSequence: there is no sequence 3: the newest one is 3.
      WindowOutOfBounds: a "verifier" of 5 blocks is not allowed: choose between 5 and 5.
      ZeroProofHash: the proof hash is zero: commit the hash of a proof.
      AlreadyRegistered: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 is registered as an operator already.
      InsufficientFreeStake (retryable): 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 has 1 ETH of stake that is not locked, 1 ETH are needed: add stake, or wait until a commitment has ended.
      InsufficientStake: a stake of 1 ETH is too small: the minimum is 1 ETH.
      InvalidRegistryConfig: the operator registry cannot be deployed with this "verifier": correct the configuration.
      LockExceeded: the settlement has locked 1000000000000000000 wei of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8, and cannot release 1000000000000000000.
      NotRegistered: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 never registered as an operator: register it first.
      NothingToWithdraw: there is nothing to pay to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8.
      SettlementNotEnabled: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 is not a settlement that the registry has enabled: its administrator has to do that.
      StillUnbonding (retryable): the stake of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 cannot be withdrawn in block 1000000000000000000: only from block 3 on.
      ZeroAmount: the amount is zero: nothing would change."
    `);
  });

  it('leaves the errors of others alone', () => {
    expect(decodeSettlementError('0x')).toBeUndefined();
    expect(decodeSettlementError(toFunctionSelector('Other()'))).toBeUndefined();
    // Panic(0x11), an arithmetic overflow.
    expect(decodeSettlementError(`0x4e487b71${'11'.padStart(64, '0')}`)).toBeUndefined();
    // A known selector without its arguments.
    const { name, inputs } = errors.find((item) => item.name === 'OutOfOrder')!;
    const selector = toFunctionSelector(`${name}(${inputs.map(({ type }) => type).join()})`);
    expect(decodeSettlementError(selector)).toBeUndefined();
  });
});

describe('translateError', () => {
  it('keeps what is no error of viem, in one line', () => {
    expect(
      translateError(new RangeError('first\nsecond'), 'testing', 'http://a.b/c', 'RPC_FAILED'),
    ).toMatchObject({
      code: 'RPC_FAILED',
      message: 'testing: refused by the base chain at http://a.b (first).',
    });
    expect(translateError('text', 'testing', 'x', 'RPC_FAILED').message).toContain('(not a URL)');
  });

  it('shows no credentials', () => {
    expect(printableUrl('https://user:password@host.example:8545/v3/key?token=1#x')).toBe(
      'https://host.example:8545',
    );
  });
});
