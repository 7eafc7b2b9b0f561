// An aggregator in a process of its own, on the database that its first argument names. Chain and rollup are those of
// fake-chain.ts and fake-rollup.ts; sequences are put into the database by the test. It tells where provers connect.
import { fieldToHex, silentLogger } from '@polyproof/base';
import { statementFromPublicInputs, statementToCircuit } from '@polyproof/proofs';
import { Aggregator } from '../../dist/index.js';

const options = JSON.parse(process.argv[2]);
const programs = { ...options.programs, keySetRoot: BigInt(options.programs.keySetRoot) };
const configHash = BigInt(options.configHash);

const statementOf = (batch) => ({
  prevStateRoot: 1000n + batch - 1n,
  newStateRoot: 1000n + batch,
  prevDataHash: batch === 1n ? 0n : 5000n + batch - 1n,
  newDataHash: 5000n + batch,
  firstBatch: batch,
  lastBatch: batch,
  exitRoot: 0n,
  configHash,
  keySetRoot: programs.keySetRoot,
});
const statementBy = ({ publicInputs }) => statementFromPublicInputs(publicInputs);

const aggregator = await Aggregator.open(
  {
    ...options,
    ...{ programs, configHash, startBlock: 1n, chainId: 31337n },
  },
  {
    // A chain on which nothing happens any more, and nothing can be sent.
    settlement: {
      blockNumber: async () => 0n,
      getState: async () => ({ verifiedSequence: 0n }),
      proofHash: () => `0x${'00'.repeat(32)}`,
    },
    batchSource: {
      getBatchInputs: async (batch) => ({
        program: batch % 3n === 0n ? 'svm_batch' : 'svm_batch_small',
        inputs: { statement: statementToCircuit(statementOf(batch)) },
      }),
    },
    composer: {
      aggregateInputs(left, right) {
        const { newStateRoot, newDataHash, lastBatch } = statementBy(right);
        return {
          statement: statementToCircuit({ ...statementBy(left), newStateRoot, newDataHash, lastBatch }),
        };
      },
      finalInputs: (child, prover) => ({
        statement: statementToCircuit(statementBy(child)),
        prover: fieldToHex(prover),
      }),
    },
    verifier: { verify: async () => true },
    logger: silentLogger,
  },
);
process.send(aggregator.url);
process.on('disconnect', () => process.exit(0));
