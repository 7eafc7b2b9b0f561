import { fieldFromHex } from '@polyproof/base';
import { accountKey, accountValue, type Siblings, verifyTreeProof } from '@polyproof/state';
import { decodeBase58, decodeProvedData, decodeWitness } from '@polyproof/svm';
import {
  type Address,
  address,
  appendTransactionMessageInstructions,
  type Blockhash,
  compileTransaction,
  createSolanaRpc,
  createTransactionMessage,
  generateKeyPairSigner,
  getBase64Decoder,
  getBase64EncodedWireTransaction,
  type Instruction,
  isSolanaError,
  type KeyPairSigner,
  lamports,
  pipe,
  type Rpc,
  type Signature,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_TRANSACTION_SIGNATURE_VERIFICATION_FAILURE,
  SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED,
  SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND,
  type SolanaRpcApi,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNode, SOL } from './node.js';

/** An unmodified @solana/kit client against a whole node. */

let node: Awaited<ReturnType<typeof openNode>>;
let rpc: Rpc<SolanaRpcApi>;
let alice: KeyPairSigner;
let bob: KeyPairSigner;

beforeAll(async () => {
  node = await openNode();
  rpc = createSolanaRpc(node.url) as unknown as Rpc<SolanaRpcApi>;
  [alice, bob] = [await generateKeyPairSigner(), await generateKeyPairSigner()];
  await confirmed(await rpc.requestAirdrop(alice.address, lamports(5n * SOL)).send());
});
afterAll(() => node.destroy());

/** Polls as clients do; the test's own timeout ends a wait in vain. */
async function confirmed(signature: Signature) {
  for (;;) {
    const { value } = await rpc.getSignatureStatuses([signature]).send();
    if (value[0]) return value[0];
  }
}

interface Build {
  version?: 'legacy' | 0;
  instructions?: Instruction[];
  blockhash?: { blockhash: Blockhash; lastValidBlockHeight: bigint };
}

async function build({ version = 0, instructions, blockhash }: Build = {}) {
  const lifetime = blockhash ?? (await rpc.getLatestBlockhash().send()).value;
  const message = pipe(
    createTransactionMessage({ version }),
    (m) => setTransactionMessageFeePayerSigner(alice, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => appendTransactionMessageInstructions(instructions ?? [pay(10_000_000n)], m),
  );
  return getBase64EncodedWireTransaction(await signTransactionMessageWithSigners(message));
}

function pay(amount: bigint, destination: Address = bob.address) {
  return getTransferSolInstruction({ source: alice, destination, amount: lamports(amount) });
}

const send = (wire: Awaited<ReturnType<typeof build>>) =>
  rpc.sendTransaction(wire, { encoding: 'base64' }).send();

describe('an unmodified client', () => {
  it('has its airdrop', async () => {
    expect((await rpc.getBalance(alice.address).send()).value).toBe(5n * SOL);
  });

  it('sends a transfer, waits for it, and reads it back', async () => {
    const before = (await rpc.getBalance(alice.address).send()).value;
    for (const version of ['legacy', 0] as const) {
      const wire = await build({ version });
      const signature = await send(wire);
      expect(await confirmed(signature)).toMatchObject({ err: null, confirmationStatus: 'confirmed' });

      const config = { maxSupportedTransactionVersion: 0, commitment: 'confirmed' } as const;
      const base64 = await rpc.getTransaction(signature, { ...config, encoding: 'base64' }).send();
      expect(base64).toMatchObject({ version, transaction: [wire, 'base64'] });
      const json = await rpc.getTransaction(signature, { ...config, encoding: 'json' }).send();
      expect(json?.meta).toMatchObject({ err: null, fee: 5_000n });
      expect(json?.transaction.signatures).toEqual([signature]);
      expect(json?.transaction.message).toMatchObject({
        header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 1 },
        accountKeys: [alice.address, bob.address, '11111111111111111111111111111111'],
        instructions: [{ programIdIndex: 2, accounts: [0, 1] }],
      });
    }
    expect((await rpc.getBalance(alice.address).send()).value).toBe(before - 2n * 10_005_000n);
    expect((await rpc.getBalance(bob.address).send()).value).toBe(20_000_000n);
  });

  it('reads accounts, fees and epochs', async () => {
    const { value } = await rpc.getAccountInfo(alice.address, { encoding: 'base64' }).send();
    expect(value).toMatchObject({ executable: false, owner: '11111111111111111111111111111111', space: 0n });
    const nobody = address('Nobody1111111111111111111111111111111111111');
    const { value: several } = await rpc.getMultipleAccounts([alice.address, nobody]).send();
    expect(several).toEqual([expect.objectContaining({ owner: value?.owner }), null]);
    const { absoluteSlot, blockHeight } = await rpc.getEpochInfo().send();
    expect(absoluteSlot).toBe(blockHeight);
    expect(await rpc.getMinimumBalanceForRentExemption(0n).send()).toBe(890_880n);

    const blockhash = (await rpc.getLatestBlockhash().send()).value;
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (m) => setTransactionMessageFeePayerSigner(alice, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(blockhash, m),
      (m) => appendTransactionMessageInstructions([pay(1n)], m),
    );
    const text = getBase64Decoder().decode(compileTransaction(message).messageBytes);
    expect((await rpc.getFeeForMessage(text as never).send()).value).toBe(5_000n);
    expect((await rpc.isBlockhashValid(blockhash.blockhash).send()).value).toBe(true);
  });

  it('sees time pass while nothing happens', async () => {
    const start = await rpc.getSlot().send();
    while ((await rpc.getSlot().send()) < start + 3n);
    expect(await rpc.getHealth().send()).toBe('ok');
  });

  it('sees a transfer that fails, with its reason and its fee', async () => {
    const before = (await rpc.getBalance(alice.address).send()).value;
    const wire = await build({ instructions: [pay(1_000_000n * SOL)] });
    const refused = await send(wire).catch((e: unknown) => e);
    const code = SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE;
    expect(isSolanaError(refused, code)).toBe(true);
    const signature = await rpc.sendTransaction(wire, { encoding: 'base64', skipPreflight: true }).send();
    const status = await confirmed(signature);
    expect(status.err).toEqual({ InstructionError: [0n, { Custom: 1n }] });
    expect((await rpc.getBalance(alice.address).send()).value).toBe(before - 5_000n);
  });

  it('is told the reason of every refusal', async () => {
    const token2022: Instruction = {
      programAddress: address('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'),
      data: new Uint8Array([1]),
    };
    const seeded: Instruction = {
      programAddress: address('11111111111111111111111111111111'),
      data: new Uint8Array([3, 0, 0, 0]),
    };
    const cases: [Build, RegExp][] = [
      [{ instructions: [token2022] }, /TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb/],
      [{ instructions: [seeded] }, /CreateAccountWithSeed, which is not provable/],
    ];
    for (const [parts, reason] of cases) {
      const error = await send(await build(parts)).catch((e: unknown) => e);
      expect(
        isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE),
      ).toBe(true);
      expect((error as { context: { logs: string[] } }).context.logs.join()).toMatch(reason);
    }
  });

  it('recognises stale blockhashes, duplicates and wrong signatures by their Solana errors', async () => {
    const blockhash = {
      blockhash: '11111111111111111111111111111111' as Blockhash,
      lastValidBlockHeight: 1n,
    };
    const stale = await send(await build({ blockhash })).catch((e: unknown) => e);
    expect(isSolanaError((stale as Error).cause, SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND)).toBe(
      true,
    );

    const wire = await build({ instructions: [pay(3n)] });
    await confirmed(await send(wire));
    const again = await send(wire).catch((e: unknown) => e);
    expect(isSolanaError((again as Error).cause, SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED)).toBe(
      true,
    );

    const bytes = Buffer.from(await build({ instructions: [pay(4n)] }), 'base64');
    bytes[10]! ^= 1;
    const bad = await send(bytes.toString('base64') as typeof wire).catch((e: unknown) => e);
    const code = SOLANA_ERROR__JSON_RPC__SERVER_ERROR_TRANSACTION_SIGNATURE_VERIFICATION_FAILURE;
    expect(isSolanaError(bad, code)).toBe(true);
  });
});

describe('the wire', () => {
  it('refuses what cannot be proved with a stable error object', async () => {
    const program = address('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');
    const wire = await build({ instructions: [{ programAddress: program, data: new Uint8Array([1]) }] });
    expect(await node.raw.refusal('sendTransaction', wire, { encoding: 'base64' })).toMatchObject({
      code: -32002,
      message: expect.stringContaining(program),
      data: { err: { polyproof: 'NOT_PROVABLE', program, reason: expect.stringContaining('System') } },
    });
  });

  it('refuses a lookup table', async () => {
    const bytes = Buffer.from(await build(), 'base64'); // ends with the empty list of lookups
    const table = Buffer.concat([Buffer.from([1]), Buffer.alloc(32, 9), Buffer.from([1, 0, 0])]);
    const wire = Buffer.concat([bytes.subarray(0, -1), table]).toString('base64');
    expect(await node.raw.refusal('sendTransaction', wire, { encoding: 'base64' })).toMatchObject({
      code: -32002,
      data: { err: { polyproof: 'NOT_PROVABLE', reason: expect.stringContaining('lookup') } },
    });
  });

  it('refuses undecodable bytes, unknown methods, malformed JSON and oversized bodies', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(200, 1), Buffer.alloc(1_233, 1)])
      expect(
        (await node.raw.refusal('sendTransaction', bytes.toString('base64'), { encoding: 'base64' })).code,
      ).toBe(-32602);
    expect((await node.raw.refusal('getLargestAccounts', 1)).code).toBe(-32601);
    expect(await node.raw.send('{"jsonrpc"')).toContain('-32700');
    expect(await node.raw.send('x'.repeat(1024 * 1024 + 1))).toContain('longer than 1048576 bytes');
  });

  it('writes u64 values digit by digit', async () => {
    const request = { jsonrpc: '2.0', id: 1, method: 'getAccountInfo', params: [alice.address] };
    expect(await node.raw.send(JSON.stringify(request))).toContain('"rentEpoch":18446744073709551615');
  });
});

describe('the way to the base chain', () => {
  it('follows a transaction from block to verified', async () => {
    const signature = await send(await build({ instructions: [pay(5n)] }));
    await confirmed(signature);
    const stage = async () => node.raw.call('polyproof_getTransactionStage', signature);
    expect(await stage()).toMatchObject({ stage: 'block', sequence: null, verified: false });
    const batch = await node.sequencer.closeBatch();
    expect(await stage()).toMatchObject({ stage: 'batch', batch: Number(batch?.number) });
    await node.sequencer.flush();
    await node.monitor.refresh();
    expect(await stage()).toMatchObject({ stage: 'sequence', verified: false });
    expect((await confirmed(signature)).confirmationStatus).toBe('confirmed');

    node.settlement.verified = BigInt(node.settlement.sequences.length);
    await node.monitor.refresh();
    expect(await stage()).toMatchObject({ stage: 'verified', verified: true });
    expect((await confirmed(signature)).confirmationStatus).toBe('finalized');
    expect(
      await rpc.getTransaction(signature, { encoding: 'base64', maxSupportedTransactionVersion: 0 }).send(),
    ).toBeTruthy();
  });

  it('serves batches, their witnesses and proofs of accounts that check out', async () => {
    const status = await node.raw.call('polyproof_status');
    expect(status).toMatchObject({ verifiedSequence: status.lastSequence, lastBatch: status.verifiedBatch });
    const batch = await node.raw.call('polyproof_getBatch', status.lastBatch);
    expect(decodeProvedData(Buffer.from(batch.data.slice(2), 'hex')).entries).toHaveLength(
      batch.transactions,
    );
    expect(batch.newStateRoot).toBe(status.verifiedStateRoot);
    const witness = decodeWitness(await node.raw.call('polyproof_getBatchWitness', status.lastBatch));
    expect(witness.newStateRoot).toBe(fieldFromHex(batch.newStateRoot));

    // Alice at the verified root, checked with nothing but the root of the base chain.
    const root = status.verifiedStateRoot;
    const { account, proof } = await node.raw.call('polyproof_getAccountProof', alice.address, { root });
    const value = verifyTreeProof(fieldFromHex(root), accountKey(decodeBase58(alice.address)), {
      siblings: (proof.siblings as `0x${string}`[][]).map(
        (level) => level.map(fieldFromHex) as unknown as Siblings,
      ),
      terminal: {
        kind: 'leaf',
        key: fieldFromHex(proof.terminal.key),
        value: fieldFromHex(proof.terminal.value),
      },
    });
    expect(value).toBe(
      accountValue({
        lamports: BigInt(account.lamports),
        data: Buffer.from(account.data[0], 'base64'),
        owner: decodeBase58(account.owner),
        executable: account.executable,
        rentEpoch: BigInt(account.rentEpoch),
      }),
    );
    expect(await node.raw.refusal('polyproof_getAccountProof', alice.address, { root: '0x1' })).toMatchObject(
      {
        code: -32602,
      },
    );
  });

  it('continues after a restart', async () => {
    const slot = node.bank.slot;
    const { directory, settlement } = node;
    const sequences = settlement.sequences.length;
    const signature = await send(await build({ instructions: [pay(6n)] }));
    await confirmed(signature);
    await node.close();
    node = await openNode({ directory, settlement });
    rpc = createSolanaRpc(node.url) as unknown as Rpc<SolanaRpcApi>;
    expect(node.bank.slot).toBeGreaterThan(slot);
    expect(await confirmed(signature)).toMatchObject({ err: null });
    await confirmed(await send(await build({ instructions: [pay(7n)] })));
    await node.sequencer.flush();
    expect(settlement.sequences.length).toBeGreaterThan(sequences);
    expect(settlement.sequences.at(-1)?.claimedRoot).toBe(node.bank.stateRoot);
  });
});
