import { gunzipSync, gzipSync } from 'node:zlib';
import { abi, acvm, type CompiledCircuit, type ForeignCallHandler, type InputMap } from '@noir-lang/noir_js';

/** Where a circuit cannot be solved, as the solver throws it. */
interface Unsolved extends Error {
  acirFunctionId: number;
  /** of a hint that cannot be computed, which is no refusal by a constraint */
  brilligFunctionId?: number;
  rawAssertionPayload?: Parameters<typeof abi.abiDecodeError>[1];
}

/** A circuit refuses a witness: the message is what its assertion says. */
export class Refusal extends Error {
  constructor(
    message: string,
    /** whether a hint cannot be computed, rather than that a constraint does not hold */
    readonly byHint: boolean,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

export type Solve = (inputs: unknown, oracle?: ForeignCallHandler) => Promise<'accepted'>;

/**
 * Solves a circuit for inputs, without proving: rejects with a {@link Refusal} when a constraint does not hold.
 * Unlike `Noir.execute` it makes no file of the witness, which takes as long again.
 */
export function solver({ abi: types, bytecode }: CompiledCircuit): Solve {
  // Read anew for each witness: that is faster when it is not compressed.
  const program = gzipSync(gunzipSync(Buffer.from(bytecode, 'base64')), { level: 0 });
  return async (inputs, oracle = noOracle) => {
    const witness = abi.abiEncode(types, inputs as InputMap);
    try {
      await acvm.executeProgram(program, witness, oracle);
      return 'accepted';
    } catch (error) {
      if (!isUnsolved(error)) throw error;
      const { rawAssertionPayload, brilligFunctionId, message } = error;
      const said: unknown =
        rawAssertionPayload === undefined ? undefined : abi.abiDecodeError(types, rawAssertionPayload);
      throw new Refusal(typeof said === 'string' ? said : message, brilligFunctionId !== undefined, error);
    }
  };
}

const isUnsolved = (error: unknown): error is Unsolved =>
  error instanceof Error && 'acirFunctionId' in error && error.acirFunctionId !== undefined;

const noOracle: ForeignCallHandler = (name) =>
  Promise.reject(new TypeError(`an oracle that there is not: ${name}`));
