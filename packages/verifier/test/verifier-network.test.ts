import '../../svm/test/fixed-seed.js';
import { silentLogger } from '@polyproof/base';
import fc from 'fast-check';
import {
  type Abi,
  createTestClient,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  publicActions,
  toHex,
  walletActions,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Anvil,
  DEVELOPMENT_ACCOUNTS,
  startAnvil,
  taskManagerAbi,
  taskManagerBytecode,
  verifierRegistryAbi,
  verifierRegistryBytecode,
} from '../../chain/src/index.js';
import {
  type Answer,
  AnswerTree,
  answerDigest,
  BlsKey,
  batchDigest,
  type Certificate,
  CertificateBuilder,
  isSigned,
  joinDigest,
  leafOf,
  statementOf,
  type Task,
  VERDICT,
  type VerifierSet,
} from '../src/index.js';

/** The contracts and this package have to hash, sum and sign alike: both are asked. */

const VERIFIERS = 4;
const FEE = 1_000_000n;
const keys = Array.from({ length: VERIFIERS }, (_, i) => new BlsKey(BigInt(0x1234567 + i) ** 7n));
const accounts = DEVELOPMENT_ACCOUNTS.slice(0, VERIFIERS).map(({ privateKey }) =>
  privateKeyToAccount(privateKey),
);
const [deployer] = accounts;
const hash = (of: string): Hex => keccak256(toHex(of));

let anvil: Anvil;
let tasks: Hex;
let registry: Hex;
const client = () =>
  createTestClient({ mode: 'anvil', transport: http(anvil.url), pollingInterval: 10 })
    .extend(publicActions)
    .extend(walletActions);

async function send(account = deployer!, call: { to?: Hex; data: Hex; value?: bigint }) {
  const hash = await client().sendTransaction({ account, chain: null, ...call });
  const receipt = await client().waitForTransactionReceipt({ hash });
  expect(receipt.status).toBe('success');
  return receipt;
}
type View = 'statementOf' | 'leafOf' | 'answerDigest' | 'batchDigest' | 'isProven' | 'isProvenIn';
const read = (functionName: View, args: readonly unknown[]) =>
  client().readContract({ address: tasks, abi: taskManagerAbi as Abi, functionName, args });

beforeAll(async () => {
  anvil = await startAnvil({ port: 0, logger: silentLogger });
  const nonce = await client().getTransactionCount({ address: deployer!.address });
  tasks = getContractAddress({ from: deployer!.address, nonce: BigInt(nonce) + 1n });
  const registryConfig = {
    minimumStake: 1n,
    epochBlocks: 1,
    unbondingBlocks: 10,
    absenceWindow: 100,
    absenceLimit: 50,
    treasury: deployer!.address,
    service: tasks,
  };
  const made = await send(deployer, {
    data: encodeDeployData({
      abi: verifierRegistryAbi,
      bytecode: verifierRegistryBytecode,
      args: [registryConfig],
    }),
  });
  registry = made.contractAddress!;
  const tasksConfig = {
    singleFeeWei: FEE,
    batchFeeWei: FEE,
    answerBlocks: 10,
    slashedBps: 1_000,
    bountyBps: 1_000,
    admin: deployer!.address,
  };
  const { contractAddress } = await send(deployer, {
    data: encodeDeployData({
      abi: taskManagerAbi,
      bytecode: taskManagerBytecode,
      args: [registry, tasksConfig],
    }),
  });
  expect(contractAddress?.toLowerCase()).toBe(tasks.toLowerCase());

  for (const [i, account] of accounts.entries()) {
    const { key1, key2 } = keys[i]!.publicKey;
    const shown = keys[i]!.sign(joinDigest(31337, registry, account.address));
    const data = encodeFunctionData({
      abi: verifierRegistryAbi,
      functionName: 'join',
      args: [key1, key2, shown, `https://verifier-${i}.example`],
    });
    await send(account, { to: registry, data, value: BigInt(10 + i) });
  }
  await send(deployer, {
    to: registry,
    data: encodeFunctionData({ abi: verifierRegistryAbi, functionName: 'advance', args: [10n] }),
  });
}, 120_000);
afterAll(() => anvil?.close());

const domain = () => ({ chainId: 31337, tasks });
const set = (): VerifierSet => ({
  epoch: 1,
  members: keys.map(({ publicKey: { key2 } }, index) => ({ index, stakeWei: BigInt(10 + index), key2 })),
});
const task = (name: string): Task => ({
  system: hash('groth16'),
  program: hash('key'),
  inputsHash: hash(`inputs ${name}`),
  proofHash: hash(`proof ${name}`),
});
const answerTo = (id: bigint, of: Task, verdict: Answer['verdict'] = VERDICT.valid): Answer => ({
  id,
  statement: statementOf(of),
  proofHash: of.proofHash,
  verdict,
});

function certify(digest: Hex, signers: readonly number[]): Certificate {
  const builder = new CertificateBuilder(set(), digest);
  for (const index of signers) expect(builder.add(index, keys[index]!.sign(digest))).toBe(true);
  return builder.build()!;
}

const submit = (lane: 0 | 1, of: Task) =>
  send(deployer, {
    to: tasks,
    value: FEE,
    data: encodeFunctionData({ abi: taskManagerAbi, functionName: 'submit', args: [lane, of] }),
  });

describe('hashes', () => {
  it('are those of the contract', async () => {
    const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes));
    await fc.assert(
      fc.asyncProperty(word, word, word, word, fc.bigInt(0n, 2n ** 256n - 1n), async (a, b, c, d, id) => {
        const one = { system: a, program: b, inputsHash: c, proofHash: d };
        const answer = answerTo(id, one, VERDICT.invalid);
        expect(await read('statementOf', [one])).toBe(statementOf(one));
        expect(await read('leafOf', [answer])).toBe(leafOf(answer));
        expect(await read('answerDigest', [answer])).toBe(answerDigest(domain(), answer));
        expect(await read('batchDigest', [id, id, a])).toBe(
          batchDigest(domain(), { from: id, to: id, root: a }),
        );
      }),
      { numRuns: 10 },
    );
  });
});

describe('signatures', () => {
  it('are those of the contract, digest by digest', async () => {
    for (let i = 0; i < 20; i++) {
      const digest = hash(`digest ${i}`);
      const { key2 } = keys[1]!.publicKey;
      const signature = keys[1]!.sign(digest);
      const signed = (index: bigint) =>
        client().readContract({
          address: registry,
          abi: verifierRegistryAbi,
          functionName: 'hasSigned',
          args: [index, digest, key2, signature],
        });
      expect(isSigned(digest, key2, signature)).toBe(true);
      expect(await signed(1n)).toBe(true);
      expect(await signed(2n)).toBe(false);
      expect(isSigned(hash('else'), key2, signature)).toBe(false);
    }
  }, 60_000);

  it('that are no points, or of no key, are none', () => {
    const digest = hash('digest');
    const { key2 } = keys[0]!.publicKey;
    const zero = { x: [0n, 0n], y: [0n, 0n] } as const;
    expect(isSigned(digest, key2, { x: 1n, y: 1n })).toBe(false);
    expect(isSigned(digest, key2, { x: 0n, y: 0n })).toBe(false);
    expect(isSigned(digest, zero, { x: 0n, y: 0n })).toBe(false);
    expect(isSigned(digest, { ...key2, x: [1n, 2n] }, keys[0]!.sign(digest))).toBe(false);
  });

  it('by a number that is no key cannot be made', () => {
    expect(() => new BlsKey(0n)).toThrow(RangeError);
    expect(
      () => new BlsKey(21888242871839275222246405745257275088548364400416034343698204186575808495617n),
    ).toThrow(RangeError);
    const digest = hash('digest');
    const made = BlsKey.generate();
    expect(isSigned(digest, made.publicKey.key2, made.sign(digest))).toBe(true);
  });
});

describe('a certificate', () => {
  it('of all is accepted, and so is one with an absent verifier', async () => {
    for (const [id, signers] of [
      [0n, [0, 1, 2, 3]],
      [1n, [3, 0, 2]],
    ] as const) {
      const one = task(`single ${id}`);
      await submit(0, one);
      const answer = answerTo(id, one);
      const certificate = certify(answerDigest(domain(), answer), signers);
      expect(certificate.absent).toEqual(
        [0, 1, 2, 3].filter((i) => !(signers as readonly number[]).includes(i)),
      );
      await send(deployer, {
        to: tasks,
        data: encodeFunctionData({
          abi: taskManagerAbi,
          functionName: 'answer',
          args: [answer, certificate],
        }),
      });
      expect(await read('isProven', [statementOf(one)])).toBe(true);
    }
  }, 60_000);

  it('is not made without a quorum, or with signatures that are not good', () => {
    const digest = hash('digest');
    const builder = new CertificateBuilder(set(), digest);
    expect(builder.add(0, keys[0]!.sign(digest))).toBe(true);
    expect(builder.add(1, keys[0]!.sign(digest))).toBe(false);
    expect(builder.add(2, keys[2]!.sign(hash('else')))).toBe(false);
    expect(builder.add(9, keys[2]!.sign(digest))).toBe(false);
    // once more is not twice
    expect(builder.add(0, keys[0]!.sign(digest))).toBe(true);
    expect(builder.build()).toBeUndefined();
    builder.add(3, keys[3]!.sign(digest));
    expect(builder.build()).toBeUndefined();
    builder.add(1, keys[1]!.sign(digest));
    expect(builder.build()?.absent).toEqual([2]);
  });
});

describe('a batch', () => {
  it('of any size proves each of its answers', async () => {
    let next = 0n;
    for (const [batch, size] of [1, 2, 5].entries()) {
      const answers: Answer[] = [];
      for (let i = 0; i < size; i++) {
        const one = task(`batch ${batch}, ${i}`);
        await submit(1, one);
        answers.push(answerTo(next++, one, i === 1 ? VERDICT.invalid : VERDICT.valid));
      }
      const tree = new AnswerTree(answers);
      const certificate = certify(batchDigest(domain(), tree), [0, 1, 2, 3]);
      await send(deployer, {
        to: tasks,
        data: encodeFunctionData({
          abi: taskManagerAbi,
          functionName: 'answerBatch',
          args: [tree.to, tree.root, certificate],
        }),
      });
      for (const answer of answers)
        expect(await read('isProvenIn', [BigInt(batch), answer, tree.path(answer.id)])).toBe(
          answer.verdict === VERDICT.valid,
        );
      expect(() => tree.path(next)).toThrow(RangeError);
    }
  }, 60_000);

  it('has consecutive tasks', () => {
    const answer = answerTo(3n, task('one'));
    expect(() => new AnswerTree([])).toThrow(RangeError);
    expect(() => new AnswerTree([answer, answer])).toThrow(/3 does not follow/);
  });
});
