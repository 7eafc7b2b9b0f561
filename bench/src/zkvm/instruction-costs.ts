import { toHex } from '@polyproof/base';
import { initHashing } from '@polyproof/state';
import { COVERAGE, decodeBase58, type Message, measureTransaction } from '@polyproof/svm';
import { type InstructionSample, PAYER, SAMPLES, sampleAccounts } from './instruction-samples.js';

/** Gates of a row, from docs/zkvm.md. */
const GATES = {
  rows: 234,
  uses: 106,
  rights: 80,
  transfers: 73,
  changes: 410,
  freshCells: 7.2,
  balances: 105,
  savedWords: 64,
  windows: 28,
  machineSteps: 48.6,
  accesses: 40.3,
  partLoads: 56,
  partStores: 76,
  crossingLoads: 78,
  crossingStores: 99,
  moves: 10.4,
  jumps: 8.7,
  narrows: 14.7,
  sums: 17.7,
  products: 17.9,
  quotients: 24.2,
  equalities: 15.4,
  orders: 20.7,
  bitwise: 23.9,
  shifts: 25.2,
  swaps: 23.2,
} as const;

const NATIVE_MINT = 'So11111111111111111111111111111111111111112';

/** What one instruction takes of a circuit, without its transaction's fee. */
export interface InstructionCost {
  /** of the program, then of the instruction */
  name: string;
  steps: number;
  accesses: number;
  /** of its execution, estimated from the prices of rows */
  gates: number;
}

/** What each instruction that batches prove takes of a circuit, on a sample that succeeds. */
export async function instructionCosts(): Promise<InstructionCost[]> {
  await initHashing();
  const token = decodeBase58(COVERAGE.find(({ name }) => name === 'SPL Token')!.address);
  const accounts = sampleAccounts(token, decodeBase58(NATIVE_MINT));
  const usage = (instructions: readonly InstructionSample[], program: Uint8Array) =>
    measureTransaction(messageOf(instructions, program), (address) => accounts.get(toHex(address)) ?? null)
      .usage.additive;
  const fee = usage([], token);
  return COVERAGE.flatMap(({ name: program, address, instructions, proved }) =>
    instructions
      .filter(([, number]) => proved.has(number))
      .map(([instruction]) => {
        const name = `${program} ${instruction}`;
        const taken = usage([SAMPLES[name]!], decodeBase58(address));
        const of = (limit: keyof typeof GATES) => taken[limit] - fee[limit];
        const limits = Object.keys(GATES) as (keyof typeof GATES)[];
        const gates = limits.reduce((sum, limit) => sum + GATES[limit] * of(limit), 0);
        return { name, steps: of('machineSteps'), accesses: of('accesses'), gates };
      }),
  );
}

/** Of the payer, with all accounts writable. */
function messageOf(instructions: readonly InstructionSample[], program: Uint8Array): Message {
  const used = instructions.flatMap(({ accounts }) => accounts);
  const signers = instructions.flatMap((instruction) => instruction.signers ?? []);
  const accountKeys = [...new Set([PAYER, ...signers, ...used, program])];
  return {
    version: 'legacy',
    header: {
      numRequiredSignatures: 1 + signers.length,
      numReadonlySignedAccounts: 0,
      numReadonlyUnsignedAccounts: 1,
    },
    accountKeys,
    recentBlockhash: new Uint8Array(32),
    instructions: instructions.map(({ accounts, data }) => ({
      programIdIndex: accountKeys.indexOf(program),
      accountIndexes: Uint8Array.from(accounts, (account) => accountKeys.indexOf(account)),
      data: Uint8Array.from(data),
    })),
    addressTableLookups: [],
  };
}
