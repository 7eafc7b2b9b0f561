import { type Hex, toHex } from '@polyproof/base';
import { ProtocolError, type ProverApi, TaskKind as WireKind } from '@polyproof/protocol';
import type { TaskKind } from '../database/schema.js';
import type { ProofGenerator } from './proof-generator.js';

const WIRE_KIND: Readonly<Record<TaskKind, WireKind>> = {
  batch: WireKind.BATCH,
  aggregation: WireKind.AGGREGATION,
  final: WireKind.FINAL,
};
const MAX_TEXT_LENGTH = 4_096;

/** The proof generator as provers see it: checks the shape of requests and translates. */
export function proverApi(generator: ProofGenerator): ProverApi {
  return {
    async register(request) {
      return { proverId: generator.register(request) };
    },
    async lease({ proverId, waitMs }, { signal }) {
      const leased = await generator.lease(proverId, waitMs, signal);
      if (leased === undefined) return {};
      const { task, label, programHash, inputs, leaseMs } = leased;
      return {
        task: {
          id: task.id,
          kind: WIRE_KIND[task.kind],
          program: task.program,
          programHash,
          inputs: new TextEncoder().encode(JSON.stringify(inputs)),
          label,
          leaseMs,
        },
      };
    },
    async heartbeat({ proverId, taskId, stage }) {
      return { cancelled: !(await generator.heartbeat(proverId, taskId, stage.slice(0, MAX_TEXT_LENGTH))) };
    },
    async complete(request) {
      const { proverId, taskId, proof, witnessSeconds, proveSeconds, peakMemoryBytes } = request;
      const accepted = await generator.complete(proverId, taskId, {
        proof,
        publicInputs: request.publicInputs.map(field),
        gates: count(request.gates),
        witnessSeconds: seconds(witnessSeconds),
        proveSeconds: seconds(proveSeconds),
        peakMemoryBytes: BigInt.asIntN(64, peakMemoryBytes),
      });
      return { accepted };
    },
    async fail({ proverId, taskId, code, message, retryable }) {
      const text = message.slice(0, MAX_TEXT_LENGTH);
      await generator.fail(proverId, taskId, { code: code.slice(0, 100), message: text, retryable });
      return {};
    },
  };
}

function field(bytes: Uint8Array, index: number): Hex {
  if (bytes.length !== 32)
    throw new ProtocolError('BAD_REQUEST', `public input ${index} has ${bytes.length} bytes, not 32.`);
  return toHex(bytes);
}

function count(value: bigint): number {
  if (value > 0x7fffffffn) throw new ProtocolError('BAD_REQUEST', `${value} gates are no circuit.`);
  return Number(value);
}

function seconds(value: number): number {
  if (!Number.isFinite(value) || value < 0)
    throw new ProtocolError('BAD_REQUEST', `${value} is no number of seconds.`);
  return value;
}
