import { type Hex, sequenceTrace, toHex } from '@polyproof/base';
import {
  type FixedFiles,
  OPERATOR,
  ProtocolError,
  type ProverApi,
  readBlob,
  readPayload,
  refOf,
  toPayload,
  TaskKind as WireKind,
} from '@polyproof/protocol';
import type { TaskKind } from '../database/schema.js';
import type { BlobRoom } from './blob-room.js';
import type { ProofGenerator } from './proof-generator.js';

/** For people: provers go by the program. */
const WIRE_KIND: Readonly<Record<TaskKind, WireKind>> = {
  batch: WireKind.BATCH,
  aggregation: WireKind.AGGREGATION,
  final: WireKind.FINAL,
  signatures: WireKind.BATCH,
  signatureAggregation: WireKind.AGGREGATION,
};
const MAX_TEXT_LENGTH = 4_096;
/** A proof has some kilobytes. */
const MOST_PROOF_BYTES = 16 * 1024 * 1024;

export interface ProverApiOptions {
  /** names the settlement contract */
  settlementId: string;
  /** of the base chain that the proofs are for */
  chainId: bigint;
  /** what an attempt may take, in ms */
  taskLimitMs: number;
}

export interface ProverApiModules {
  generator: ProofGenerator;
  blobs: BlobRoom;
  /** what provers of other machines need to prove */
  artifacts: FixedFiles;
}

/** The proof generator as provers see it: checks the shape of requests and translates. */
export function proverApi(options: ProverApiOptions, modules: ProverApiModules): ProverApi {
  const { generator, blobs, artifacts } = modules;
  return {
    async artifacts() {
      const files = artifacts.files.map(({ name, hash, bytes }) => ({ name, blob: refOf(hash, bytes) }));
      return { files, chainId: options.chainId };
    },
    async register(request, { values }) {
      const operator = values.get(OPERATOR);
      // What an operator's provers do is laid to nobody else's charge, whatever they call themselves.
      const name = operator === undefined ? request.name : `${operator}/${request.name}`;
      return { proverId: generator.register({ ...request, name }) };
    },
    async lease({ proverId, waitMs }, { signal }) {
      const leased = await generator.lease(proverId, waitMs, signal);
      if (leased === undefined) return {};
      const { task, label, programHash, inputs, leaseMs } = leased;
      const content = new TextEncoder().encode(JSON.stringify(inputs));
      const payload = await toPayload(content, (bytes) => blobs.put(bytes)).catch(async (error: unknown) => {
        await generator.giveBack(proverId, task.id);
        throw error;
      });
      return {
        task: {
          id: task.id,
          kind: WIRE_KIND[task.kind],
          program: task.program,
          programHash,
          inputs: payload,
          label,
          leaseMs,
          trace: sequenceTrace(options.settlementId, task.sequence),
          limitMs: options.taskLimitMs,
        },
      };
    },
    async heartbeat({ proverId, taskId, stage }) {
      return { cancelled: !(await generator.heartbeat(proverId, taskId, stage.slice(0, MAX_TEXT_LENGTH))) };
    },
    async complete(request) {
      const { proverId, taskId, witnessSeconds, proveSeconds, peakMemoryBytes } = request;
      const proof = await readPayload(request.proof, (hash, bytes) => {
        if (bytes > MOST_PROOF_BYTES)
          throw new ProtocolError('BAD_REQUEST', `a proof has no ${bytes} bytes.`);
        return readBlob(blobs.store, hash);
      });
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
