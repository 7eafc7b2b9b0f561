import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Field, fieldToHex, silentLogger } from '@polyproof/base';
import {
  type Anvil,
  DEVELOPMENT_ACCOUNTS,
  deploySettlement,
  proofHash,
  SettlementClient,
  selectorAdapterAbi,
  selectorAdapterBytecode,
  settlementAbi,
  startAnvil,
  verifierRouterAbi,
  verifierRouterBytecode,
} from '@polyproof/chain';
import {
  type Artifacts,
  buildArtifacts,
  type CircuitInputs,
  finalInputs,
  type ProgramName,
  type ProvingResult,
  UltraHonk,
} from '@polyproof/proofs';
import {
  type Bank,
  configHash,
  decodeTransaction,
  encodeBase58,
  genesisStateRoot,
  LAMPORTS_PER_SIGNATURE,
  type RollupConfig,
} from '@polyproof/svm';
import {
  createTestClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  toHex,
  zeroAddress,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  developmentKeypair,
  openProcessBank,
  processStatelessExecutor,
  REPOSITORY,
  signTransfer,
  WitnessBatchSource,
} from '../src/index.js';
import { localContracts } from './deploy-contract.js';

// One batch, proved for real, against the contract and the verifier that bb generated.

const COMMIT_WINDOW = 3;
const [DEPLOYER, SEQUENCER, HONEST, THIEF, FORGER] = DEVELOPMENT_ACCOUNTS as typeof DEVELOPMENT_ACCOUNTS &
  Record<0 | 1 | 2 | 3 | 4, (typeof DEVELOPMENT_ACCOUNTS)[number]>;
const alice = developmentKeypair('alice');
const bob = developmentKeypair('bob');
const collector = developmentKeypair('collector');
const rollup: RollupConfig = {
  rollupId: 3n,
  collector: collector.address,
  lamportsPerSignature: LAMPORTS_PER_SIGNATURE,
  genesis: [alice, bob, collector].map(({ address }) => ({ address, lamports: 1_000_000_000n })),
};

const directory = mkdtempSync(join(tmpdir(), 'polyproof-settlement-'));
const stateless = processStatelessExecutor({ logger: silentLogger });
let artifacts: Artifacts;
let system: UltraHonk;
let bank: Bank;
let anvil: Anvil;
let clients: Record<'sequencer' | 'honest' | 'thief' | 'forger', SettlementClient>;
let batchCircuit: ProgramName;
let batchInputs: CircuitInputs;
let batchProof: ProvingResult;
let finalProof: ProvingResult;
let boundProof: ProvingResult;
let newRoot: Field;
let settlement: `0x${string}`;

beforeAll(async () => {
  artifacts = await buildArtifacts(
    {
      circuitsDirectory: join(REPOSITORY, 'circuits'),
      cacheDirectory: join(REPOSITORY, '.cache'),
      chainId: 31337,
    },
    { logger: silentLogger },
  );
  [system, bank, anvil] = await Promise.all([
    UltraHonk.open({ artifacts }, { logger: silentLogger }),
    openProcessBank({ directory, config: rollup, executors: 1 }, { logger: silentLogger }),
    startAnvil({ logger: silentLogger }),
  ]);
  const deployment = await deploySettlement(
    {
      rpcUrl: anvil.url,
      deployerKey: DEPLOYER.privateKey,
      verifierBytecode: artifacts.verifierBytecode,
      rollup: {
        rollupId: rollup.rollupId,
        genesisStateRoot: genesisStateRoot(rollup),
        configHash: configHash(rollup),
        keySetRoot: BigInt(artifacts.keySetRoot),
        sequencer: SEQUENCER.address,
        proofWays: 'both',
        windows: { commitWindow: COMMIT_WINDOW, revealWindow: 1_000 },
        lamportsPerSignature: LAMPORTS_PER_SIGNATURE,
        refusedRecipients: [],
      },
    },
    { logger: silentLogger },
  );
  settlement = deployment.settlement;
  const client = ({ privateKey }: { privateKey: `0x${string}` }) =>
    new SettlementClient({ rpcUrl: anvil.url, deployment, privateKey }, { logger: silentLogger });
  clients = {
    sequencer: client(SEQUENCER),
    honest: client(HONEST),
    thief: client(THIEF),
    forger: client(FORGER),
  };
  for (const operator of [clients.honest, clients.thief, clients.forger])
    await operator.registerOperator(10n ** 18n);

  const transfers = [
    { from: alice, to: bob, lamports: 1_000n },
    { from: bob, to: developmentKeypair('carol'), lamports: 2_000_000n },
    { from: alice, to: bob, lamports: 10n ** 12n }, // fails, pays its fee
  ];
  const blockhash = encodeBase58(bank.latestBlockhash);
  const signed = await Promise.all(transfers.map((transfer) => signTransfer({ ...transfer, blockhash })));
  await bank.produceBlock(signed.map((bytes) => bank.resolve(decodeTransaction(bytes))));
  const batch = await bank.closeBatch();
  newRoot = batch!.newStateRoot;
  await clients.sequencer.sequence(batch!.number, [batch!.data], newRoot);
  const source = new WitnessBatchSource({ artifacts }, { bank, stateless });
  ({ program: batchCircuit, inputs: batchInputs } = await source.getBatchInputs(1n));
}, 300_000);

afterAll(async () => {
  await anvil?.close();
  await bank?.close();
  await system?.close();
  await stateless.close();
  rmSync(directory, { recursive: true });
});

describe('a batch', () => {
  it('is proved, and its proof verifies', async () => {
    expect(batchCircuit).toBe('svm_batch_small');
    batchProof = await system.prove(batchCircuit, batchInputs);
    expect(batchProof.gates).toBe(artifacts.programs[batchCircuit]?.gates);
    expect(await system.verify(batchProof)).toBe(true);
    finalProof = await system.prove('final', finalInputs(artifacts, batchProof, 0n));
    expect(await system.verify(finalProof)).toBe(true);
    expect(finalProof.publicInputs).toEqual(await clients.honest.getPublicInputs(1n, 0n));
    boundProof = await system.prove('final', finalInputs(artifacts, batchProof, BigInt(HONEST.address)));
    expect(boundProof.publicInputs).toEqual(await clients.honest.getPublicInputs(1n, 0n, HONEST.address));
    const publicInputs = finalProof.publicInputs;
    expect(await system.verify({ ...boundProof, publicInputs })).toBe(false);
  }, 240_000);

  it('has no proof when its inputs break a rule', async () => {
    const wrong = structuredClone(batchInputs) as { statement: Record<string, string> };
    wrong.statement['new_state_root'] = fieldToHex(1n);
    await expect(system.prove(batchCircuit, wrong as unknown as CircuitInputs)).rejects.toMatchObject({
      code: 'INPUTS_REFUSED',
      details: { reason: 'new state root' },
    });
  });

  it('proofs that were changed do not verify', async () => {
    const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    for (const at of [31, 2_000, batchProof.proof.length - 1])
      expect(await system.verify({ ...batchProof, proof: flip(batchProof.proof, at) })).toBe(false);
    expect(await system.verify({ ...batchProof, proof: batchProof.proof.subarray(32) })).toBe(false);
    expect(await system.verify({ ...batchProof, proof: new Uint8Array() })).toBe(false);
    expect(await system.verify({ ...batchProof, program: 'aggregate' })).toBe(false);
    const publicInputs = [...batchProof.publicInputs];
    publicInputs[1] = fieldToHex(1n);
    expect(await system.verify({ ...batchProof, publicInputs })).toBe(false);
  });
});

describe('recursion refuses', () => {
  it('a child that does not prove the statement', async () => {
    const publicInputs = [...batchProof.publicInputs];
    publicInputs[1] = fieldToHex(1n);
    await expect(
      system.prove('final', finalInputs(artifacts, { ...batchProof, publicInputs }, 0n)),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/INPUTS_REFUSED|PROVING_FAILED/),
    });
  }, 180_000);

  it('a key that is not the one its hash names', async () => {
    const inputs = finalInputs(artifacts, batchProof, 0n) as { child: Record<string, unknown> };
    // The hash and the path of another key of the set: all that Noir checks holds.
    inputs.child['key_hash'] = artifacts.programs.aggregate.keyHash;
    inputs.child['key_index'] = [false, true, false];
    inputs.child['key_siblings'] = artifacts.keySetSiblings.aggregate;
    await expect(system.prove('final', inputs as unknown as CircuitInputs)).rejects.toMatchObject({
      code: expect.stringMatching(/INPUTS_REFUSED|PROVING_FAILED/),
    });
  }, 180_000);
});

describe('the settlement contract', () => {
  const hashFor = (account: { address: `0x${string}` }, proof = finalProof.proof) =>
    proofHash(proof, account.address);
  const forged = () => finalProof.proof.map((byte, i) => (i === 100 ? byte ^ 1 : byte));
  const mine = (blocks: number) =>
    createTestClient({ mode: 'anvil', transport: http(anvil.url) }).mine({ blocks });
  const unchanged = async () => {
    const { verifiedSequence, verifiedStateRoot } = await clients.honest.getState();
    expect([verifiedSequence, verifiedStateRoot]).toEqual([0n, genesisStateRoot(rollup)]);
  };

  it('takes a bound proof at once from its prover alone', async () => {
    const chain = createTestClient({ mode: 'anvil', transport: http(anvil.url) });
    const id = await chain.snapshot();
    const submit = (client: SettlementClient, { proof } = boundProof) =>
      client.submitProof(1n, proof, newRoot, 0n);
    await expect(submit(clients.thief)).rejects.toMatchObject({ code: 'PROOF_REFUSED' });
    await expect(submit(clients.honest, finalProof)).rejects.toMatchObject({ code: 'PROOF_REFUSED' });
    await unchanged();
    await submit(clients.honest);
    expect((await clients.honest.getState()).verifiedSequence).toBe(1n);
    const { earnedWei } = await clients.honest.getRewards(HONEST.address);
    expect(earnedWei).toBe((await clients.honest.getConfig()).rewards.priceWei);
    await chain.revert({ id });
    await unchanged();
  });

  it('takes no reveal without a commitment', async () => {
    await expect(clients.honest.reveal(1n, finalProof.proof, newRoot, 0n)).rejects.toMatchObject({
      code: 'NoCommitment',
    });
    await unchanged();
  });

  it('takes commitments in their window, and no reveal before it has passed', async () => {
    await clients.honest.commit(1n, hashFor(HONEST));
    // The thief saw the commitment in the mempool and copies it; the forger commits to a proof that is none.
    await clients.thief.commit(1n, hashFor(HONEST));
    await clients.forger.commit(1n, hashFor(FORGER, forged()));
    await expect(clients.honest.reveal(1n, finalProof.proof, newRoot, 0n)).rejects.toMatchObject({
      code: 'RevealWindowNotOpen',
    });
    await mine(COMMIT_WINDOW);
    await expect(clients.sequencer.commit(1n, hashFor(SEQUENCER))).rejects.toMatchObject({
      code: 'NotOperator',
    });
    await unchanged();
  });

  it('refuses a proof that was copied from its owner', async () => {
    await expect(clients.thief.reveal(1n, finalProof.proof, newRoot, 0n)).rejects.toMatchObject({
      code: 'ProofHashMismatch',
    });
    await unchanged();
  });

  it('refuses a tampered proof, and takes stake of who insists on it', async () => {
    await expect(clients.forger.reveal(1n, forged(), newRoot, 0n)).rejects.toMatchObject({
      code: 'PROOF_REFUSED',
    });
    const stakeWei = async () => (await clients.forger.getOperator(FORGER.address)).stakeWei;
    const before = await stakeWei();
    await createWalletClient({
      account: privateKeyToAccount(FORGER.privateKey),
      transport: http(anvil.url),
    }).sendTransactionSync({
      chain: null,
      to: settlement,
      data: encodeFunctionData({
        abi: settlementAbi,
        functionName: 'revealProof',
        args: [1n, toHex(forged()), fieldToHex(newRoot), fieldToHex(0n)],
      }),
      gas: 5_000_000n,
    });
    const { wrongProofWei } = (await clients.forger.getConfig()).penalties;
    expect(before - (await stakeWei())).toBe(wrongProofWei);
    await unchanged();
  });

  it('refuses another root, and another exit root, with a good proof', async () => {
    await expect(clients.honest.reveal(1n, finalProof.proof, newRoot + 1n, 0n)).rejects.toMatchObject({
      code: 'StateRootMismatch',
    });
    await expect(clients.honest.reveal(1n, finalProof.proof, newRoot, 1n)).rejects.toMatchObject({
      code: 'PROOF_REFUSED',
    });
    await unchanged();
  });

  it('accepts the proof from the one who committed to it, and moves the root', async () => {
    await clients.honest.reveal(1n, finalProof.proof, newRoot, 0n);
    const state = await clients.honest.getState();
    expect([state.verifiedSequence, state.verifiedStateRoot]).toEqual([1n, bank.stateRoot]);
    await expect(clients.honest.reveal(1n, finalProof.proof, newRoot, 0n)).rejects.toMatchObject({
      code: 'AlreadyRevealed',
    });
  });
});

it('the generated verifier works behind a router, by a selector', async () => {
  const { account, reader, send, deploy } = localContracts(anvil.url);
  const verifier = await deploy({ abi: [], bytecode: artifacts.verifierBytecode });
  const selector = artifacts.programs.final.keyHash.slice(0, 10) as Hex;
  const adapter = await deploy({
    abi: selectorAdapterAbi,
    bytecode: selectorAdapterBytecode,
    args: [selector, verifier],
  });
  const router = await deploy({
    abi: verifierRouterAbi,
    bytecode: verifierRouterBytecode,
    args: [account.address, zeroAddress],
  });
  const addRoute = { abi: verifierRouterAbi, functionName: 'addRoute', args: [selector, adapter] } as const;
  await send(router, encodeFunctionData(addRoute));
  const verify = (proof: Uint8Array, publicInputs: readonly Hex[], prefix = selector) =>
    reader
      .readContract({
        address: router,
        abi: verifierRouterAbi,
        functionName: 'verify',
        args: [`${prefix}${Buffer.from(proof).toString('hex')}`, publicInputs],
      })
      .catch((error: Error) => error.message);

  expect(await verify(finalProof.proof, finalProof.publicInputs)).toBe(true);
  expect(await verify(finalProof.proof, finalProof.publicInputs, '0x00000000')).toMatch(/UnknownSelector/);
  // The generated verifier reverts on most of what it refuses.
  for (const at of [31, 2_000, finalProof.proof.length - 1]) {
    const changed = finalProof.proof.map((byte, i) => (i === at ? byte ^ 1 : byte));
    expect(await verify(changed, finalProof.publicInputs)).not.toBe(true);
  }
  expect(await verify(finalProof.proof, finalProof.publicInputs.with(1, fieldToHex(1n)))).not.toBe(true);
});
