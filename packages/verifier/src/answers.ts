import { type Address, concat, encodeAbiParameters, type Hex, keccak256, stringToBytes } from 'viem';

/** What verifiers are asked and what they answer, hashed as contracts/src/network/TaskManager.sol does. */

/** A proof to verify. */
export interface Task {
  /** the proof system, by keccak256 of its name */
  system: Hex;
  /** what the system knows a program by: the hash of a verification key, SP1's key, RISC Zero's image */
  program: Hex;
  /** keccak256 of the public inputs, 32 bytes each */
  inputsHash: Hex;
  /** keccak256 of the proof */
  proofHash: Hex;
}

/** `Verdict` of the contract. */
export const VERDICT = { valid: 1, invalid: 2 } as const;

export interface Answer {
  /** of the task, in its lane */
  id: bigint;
  statement: Hex;
  proofHash: Hex;
  verdict: (typeof VERDICT)[keyof typeof VERDICT];
}

/** The contract that a signature is for: it counts on no other chain, and for no other contract. */
export interface Domain {
  chainId: number;
  tasks: Address;
}

const WORD = { type: 'bytes32' } as const;
const NUMBER = { type: 'uint256' } as const;
const ANSWER = keccak256(stringToBytes('Polyproof network: answer'));
const BATCH = keccak256(stringToBytes('Polyproof network: batch'));
const JOIN = keccak256(stringToBytes('Polyproof network: join'));

/** What a proof of the task's system shows of its program. */
export const statementOf = ({ system, program, inputsHash }: Task): Hex =>
  keccak256(encodeAbiParameters([WORD, WORD, WORD], [system, program, inputsHash]));

export const leafOf = ({ id, statement, proofHash, verdict }: Answer): Hex =>
  keccak256(
    encodeAbiParameters([NUMBER, WORD, WORD, { type: 'uint8' }], [id, statement, proofHash, verdict]),
  );

/** What is signed of a task that is answered alone. */
export const answerDigest = ({ chainId, tasks }: Domain, answer: Answer): Hex =>
  keccak256(
    encodeAbiParameters(
      [WORD, NUMBER, { type: 'address' }, WORD],
      [ANSWER, BigInt(chainId), tasks, leafOf(answer)],
    ),
  );

/** What is signed of tasks that are answered together: [from, to), with the root over their answers. */
export const batchDigest = (
  { chainId, tasks }: Domain,
  batch: { from: bigint; to: bigint; root: Hex },
): Hex =>
  keccak256(
    encodeAbiParameters(
      [WORD, NUMBER, { type: 'address' }, NUMBER, NUMBER, WORD],
      [BATCH, BigInt(chainId), tasks, batch.from, batch.to, batch.root],
    ),
  );

/** What a key signs to join a registry, for the account that stakes. */
export const joinDigest = (chainId: number, registry: Address, account: Address): Hex =>
  keccak256(
    encodeAbiParameters(
      [WORD, NUMBER, { type: 'address' }, { type: 'address' }],
      [JOIN, BigInt(chainId), registry, account],
    ),
  );

/** The tree over the answers to consecutive tasks, padded with zeros to a power of two. */
export class AnswerTree {
  /** from the leaves up to the root */
  readonly #levels: Hex[][];

  /** @throws {RangeError} without an answer, or where the tasks are not consecutive */
  constructor(readonly answers: readonly Answer[]) {
    const first = answers[0];
    if (first === undefined) throw new RangeError('a batch has at least one answer.');
    const stray = answers.find(({ id }, i) => id !== first.id + BigInt(i));
    if (stray !== undefined)
      throw new RangeError(`the tasks of a batch are consecutive: ${stray.id} does not follow.`);
    const width = 2 ** Math.ceil(Math.log2(answers.length));
    let level = [...answers.map(leafOf), ...Array<Hex>(width - answers.length).fill(ZERO)];
    this.#levels = [level];
    while (level.length > 1) {
      const below = level;
      level = Array.from({ length: below.length / 2 }, (_, i) =>
        keccak256(concat([below[2 * i]!, below[2 * i + 1]!])),
      );
      this.#levels.push(level);
    }
  }

  get from(): bigint {
    return this.answers[0]!.id;
  }

  get to(): bigint {
    return this.from + BigInt(this.answers.length);
  }

  get root(): Hex {
    return this.#levels.at(-1)![0]!;
  }

  /** The siblings of an answer's leaf, from below. @throws {RangeError} for a task of another batch */
  path(id: bigint): Hex[] {
    if (id < this.from || id >= this.to)
      throw new RangeError(`task ${id} is not in the batch of ${this.from} to ${this.to - 1n}.`);
    const position = Number(id - this.from);
    return this.#levels.slice(0, -1).map((level, height) => level[(position >> height) ^ 1]!);
  }
}

const ZERO: Hex = `0x${'0'.repeat(64)}`;
