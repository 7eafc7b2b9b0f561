import { FIELD_MODULUS, type Field, fieldToHex, PolyproofError, toHex } from '@polyproof/base';
import type { TreeProof } from '@polyproof/state';
import { type Batch, type Exit, encodeBase58, encodeWitness } from '@polyproof/svm';
import type { MethodContext } from '../context.js';
import { invalidParams } from '../errors.js';
import { Params } from '../params.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { transactionStage } from '../transaction-stage.js';

/** What Solana's API has no words for: batches, proofs of state, and the way to the base chain. */
export function rollupMethods(context: MethodContext): RpcMethods {
  const { bank, sequencer, settlement } = context;
  return {
    /**
     * [address, {root?}] -> the account and its proof of inclusion or absence under a state root that is kept: the one
     * that is verified on the base chain where none is given, or the newest one where that is not kept.
     */
    polyproof_getAccountProof: (values) => {
      const params = new Params(values);
      const address = params.bytes32(0, 'address');
      const root = rootOf(params.config(1).get('root'));
      const { account, proof, root: provenRoot } = prove(context, address, root);
      return {
        address: encodeBase58(address),
        root: fieldToHex(provenRoot),
        account:
          account === undefined
            ? null
            : {
                lamports: account.lamports,
                data: [Buffer.from(account.data).toString('base64'), 'base64'],
                owner: encodeBase58(account.owner),
                executable: account.executable,
                rentEpoch: account.rentEpoch,
              },
        proof: proofJson(proof),
      };
    },

    /** [number] -> a closed batch with its data; null when there is none with that number. */
    polyproof_getBatch: async (values) => {
      const batch = bank.getBatch(new Params(values).u64(0, 'batch'));
      return batch === undefined ? null : batchJson(batch, await settlement.sequenceOfBatch(batch.number));
    },

    /** [number] -> what left the rollup at the end of a closed batch, in the order of the tree of exits. */
    polyproof_getExits: (values) => bank.getExits(new Params(values).u64(0, 'batch')).map(exitJson),

    /** [number] -> everything that is needed to execute and prove a batch with no other state. */
    polyproof_getBatchWitness: (values) => {
      const witness = bank.getWitness?.(new Params(values).u64(0, 'batch'));
      return witness === undefined ? null : encodeWitness(witness);
    },

    /** How far blocks, batches, sequences and verification have come. */
    polyproof_status: () => {
      const { lastSequence, lastBatch, verifiedSequence, verifiedStateRoot } = settlement.view;
      const { waitingTransactions, lastSubmittedBatch } = sequencer.status();
      return {
        slot: bank.slot,
        execution: bank.execution,
        stateRoot: fieldToHex(bank.stateRoot),
        waitingTransactions,
        openBatch: { ...bank.openBatch },
        lastBatch: bank.lastBatch,
        lastSubmittedBatch: lastSubmittedBatch ?? lastBatch,
        lastSequence,
        verifiedSequence,
        verifiedBatch: settlement.verifiedBatch(),
        verifiedStateRoot: fieldToHex(verifiedStateRoot),
      };
    },

    /** [signature] -> how far a transaction has come; null when it is unknown. */
    polyproof_getTransactionStage: (values) => transactionStage(new Params(values).signature(0), context),
  };
}

function prove({ bank, settlement }: MethodContext, address: Uint8Array, root: Field | undefined) {
  try {
    if (root === undefined && settlement.verifiedBatch() > 0n)
      return bank.proveAccount(address, settlement.view.verifiedStateRoot);
  } catch (error) {
    if (!isUnknownRoot(error)) throw error;
  }
  try {
    return bank.proveAccount(address, root);
  } catch (error) {
    throw isUnknownRoot(error) ? invalidParams(error.message) : error;
  }
}

function isUnknownRoot(error: unknown): error is PolyproofError {
  return error instanceof PolyproofError && error.code === 'UNKNOWN_ROOT';
}

/** The three siblings of each level from the root down, and what the path ends at: a leaf (perhaps of another account) or nothing. */
function proofJson({ siblings, terminal }: TreeProof) {
  return {
    siblings: siblings.map((level) => level.map(fieldToHex)),
    terminal:
      terminal.kind === 'empty'
        ? { kind: 'empty' }
        : { kind: 'leaf', key: fieldToHex(terminal.key), value: fieldToHex(terminal.value) },
  };
}

function batchJson(batch: Batch, sequence: bigint | undefined) {
  return {
    number: batch.number,
    firstSlot: batch.firstSlot,
    lastSlot: batch.lastSlot,
    transactions: batch.transactions,
    deposits: batch.deposits.map(({ recipient, lamports }) => ({
      recipient: encodeBase58(recipient),
      lamports: String(lamports),
    })),
    exits: batch.exits.map(exitJson),
    data: toHex(batch.data),
    prevStateRoot: fieldToHex(batch.prevStateRoot),
    newStateRoot: fieldToHex(batch.newStateRoot),
    prevDataHash: fieldToHex(batch.prevDataHash),
    newDataHash: fieldToHex(batch.newDataHash),
    sequence: sequence ?? null,
  };
}

/** Lamports are text: these have to be exact. */
function exitJson({ recipient, lamports }: Exit) {
  return { recipient: toHex(recipient), lamports: String(lamports) };
}

function rootOf(value: unknown): Field | undefined {
  if (value === undefined || value === null) return undefined;
  const isHex = typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value);
  const root = isHex ? BigInt(value) : FIELD_MODULUS;
  if (root >= FIELD_MODULUS) throw invalidParams('root must be 0x and a BN254 field element in hex.');
  return root;
}
