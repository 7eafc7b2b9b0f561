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
  uint8: 1,
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
      AlreadyInitialised: the settlement contract has begun already.
      AlreadyRevealed: the commitment of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 for sequence 3 in round 3 has ended: a proof is shown once.
      AlreadyVerified: sequence 3 is verified already: no further proof is needed.
      BlobsNotAllowed: this rollup does not take its data in blobs: submit it as calldata.
      ClaimOutOfRange: the claim of sequence 3 cannot be replaced: only those of sequences 3 to 3.
      CommitWindowClosed (retryable): sequence 3 takes no commitments in block 1000000000000000000: its commit window ended with block 1000000000000000000; wait until it is verified or its reveal window has passed.
      CommitmentBinding: the commitment for sequence 3 in round 3 cannot be taken back: only after block 1000000000000000000, and only while the sequence before is not verified.
      DepositsWithoutBridge: batch 1000000000000000000 of the sequence (from 0) holds deposits, and this rollup has no bridge.
      EmptyBatch: batch 1000000000000000000 of the sequence (from 0) is empty: leave it out.
      EmptySequence: a sequence needs at least one batch, none was given.
      InsufficientFunds (retryable): the contract holds 1 ETH, the rewards are 1 ETH: fund it first.
      InvalidConfig: the settlement contract cannot be deployed with this "verifier": correct the configuration.
      InvalidDataHash: data hash 1000000000000000000 (from 0) is 0xabababababababababababababababababababababababababababababababab: the most significant byte of a data hash is zero.
      InvalidProof: the verifier refused the proof for sequence 3.
      NoBlobs: the transaction carries no blob: attach the data of the batches.
      NoCommitment: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 has no open commitment for sequence 3 in round 3: commit the hash of the proof first.
      NoDisagreement: the proof says of sequence 3 what is claimed or proved already: there is nothing to challenge.
      NotAdmin: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 is not the administrator: only 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 may change parameters.
      NotEnoughGas: 1000000000000000000 gas is left for the verifier, 1000000000000000000 are needed: send the transaction with more.
      NotFieldElement: 0xabababababababababababababababababababababababababababababababab is not a BN254 field element: it must be below the modulus.
      NotHalted: the rollup is not halted: there is no disagreement to resolve.
      NotManager: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 is not the manager of rollups: only 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 may do this.
      NotOperator: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 is not an operator with the least stake: register it, or add to its stake.
      NotPaused: the rollup is not paused: there is nothing to prolong or to end.
      NotSequencer: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 is not the sequencer of this rollup: only 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 may do this.
      NothingToClaim: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 has no rewards left to claim.
      OutOfOrder (retryable): sequence 3 cannot be verified before sequence 3: reveal again when 3 is verified.
      PauseCooldown: the rollup cannot be paused in block 1000000000000000000: the last pause was too short a time ago, wait for block 1000000000000000000.
      PauseOutOfBounds: a pause up to block 1000000000000000000 is not allowed: choose between 1000000000000000000 and 1000000000000000000.
      PaymentRefused: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 refused the payment of 1 ETH.
      ProofHashMismatch: the proof hashes to 0xabababababababababababababababababababababababababababababababab, the commitment is 0xabababababababababababababababababababababababababababababababab: reveal the proof that was committed to.
      RevealWindowClosed: sequence 3 takes no proofs in block 1000000000000000000: its reveal window ended with block 1000000000000000000; commit again in a new round.
      RevealWindowNotOpen (retryable): sequence 3 takes no proofs in block 1000000000000000000: its reveal window opens with block 1000000000000000000.
      RollupPaused (retryable): the rollup is paused in block 1000000000000000000: it goes on behind block 1000000000000000000, or when it is resumed.
      RoundNotOver (retryable): round 3 of sequence 3 cannot be settled yet: it may be joined up to block 3.
      RoundVoid: round 3 of sequence 3 is void, as the rollup was upgraded or halted: commit again.
      StateRootMismatch: the proof says state root 0xabababababababababababababababababababababababababababababababab, the sequencer claimed 0xabababababababababababababababababababababababababababababababab: one of them executed wrongly.
      SystemNotAllowed: proofs with the selector 0xabababab do not count for this rollup.
      UnexpectedBatch: batch 3 cannot be submitted yet: the next sequence begins with batch 3.
      UnknownRound: sequence 3 has had no round 3: the newest one is 3.
      UnknownSequence: there is no sequence 3: the newest one is 3.
      WayNotTaken: this rollup takes proofs in one step, bound to their prover, only.
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
      ZeroAmount: the amount is zero: nothing would change.
      AlreadyClaimed: this exit of sequence 3 is paid already.
      DepositOverdue: batch 1000000000000000000 of the sequence (from 0) leaves out deposit 3, which has waited for too long.
      DepositTooLarge: 1000000000000000000 lamports are too many: at most 1000000000000000000 more can be deposited in this rollup.
      DepositTooSmall: a deposit has at least 1000000000000000000 lamports, this one 1000000000000000000.
      InsufficientBacking (retryable): the deposits cover 1 ETH, not the 1 ETH of this exit: it can be claimed when the bridge has more.
      InvalidBridge: the bridge cannot be deployed with this "verifier": correct the configuration.
      InvalidPath: a path of 1000000000000000000 levels with the bits 1000000000000000000 leads nowhere.
      MalformedDeposits: batch 1000000000000000000 of the sequence (from 0) does not end in whole deposits.
      NoDeposit: the inbox has no deposit that could be sent back.
      NoExits (retryable): sequence 3 is not verified yet, or nothing left the rollup in it.
      NotSettlement: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 is not the settlement contract of this bridge.
      NotWholeLamports: 1000000000000000000 wei are no whole lamports: a lamport is 10^9 wei, leave out the last nine digits.
      NothingToRefund: no deposit of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 was sent back.
      RefusedRecipient: 0xabababababababababababababababababababababababababababababababab can get no deposits: it belongs to the runtime, or is an exit address.
      TransferRefused: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 refused 1 ETH: it can be paid later.
      WrongDeposit: batch 1000000000000000000 of the sequence (from 0) holds another deposit than 3, the next one of the inbox.
      WrongExit: there is no such exit in sequence 3."
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
