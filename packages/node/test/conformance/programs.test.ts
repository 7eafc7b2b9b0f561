import {
  Keypair,
  PublicKey,
  SendTransactionError,
  SystemProgram,
  TransactionInstruction,
} from '@solana/web3.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { counterProgram } from './support/counter-program.js';
import { rejection } from './support/rejection.js';
import { TestNode } from './support/test-node.js';
import {
  BUFFER_HEADER,
  LOADER,
  PROGRAM_DATA_HEADER,
  PROGRAM_LENGTH,
  programDataOf,
  upgradeableLoader,
} from './support/upgradeable-loader.js';
import { Web3Client } from './support/web3-client.js';

/** Bytes of a file in one transaction. */
const CHUNK = 900;
const MEMO = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');

let node: TestNode;
let client: Web3Client;
let payer: Keypair;

beforeAll(async () => {
  node = await TestNode.start();
  client = new Web3Client(node);
  payer = await client.fundedKeypair();
});
afterAll(() => node?.close());

beforeEach(() => {
  client = new Web3Client(node);
});

async function create(newAccountPubkey: PublicKey, space: number, programId: PublicKey) {
  const lamports = await client.connection.getMinimumBalanceForRentExemption(space);
  const fromPubkey = payer.publicKey;
  return SystemProgram.createAccount({ fromPubkey, newAccountPubkey, space, lamports, programId });
}

/** Puts a file into a buffer account of the loader. */
async function upload(file: Buffer): Promise<PublicKey> {
  const buffer = Keypair.generate();
  const authority = payer.publicKey;
  await client.send(
    [payer, buffer],
    await create(buffer.publicKey, BUFFER_HEADER + file.length, LOADER),
    upgradeableLoader.initializeBuffer(buffer.publicKey, authority),
  );
  const writes: Promise<string>[] = [];
  for (let offset = 0; offset < file.length; offset += CHUNK) {
    const bytes = file.subarray(offset, offset + CHUNK);
    writes.push(client.send([payer], upgradeableLoader.write(buffer.publicKey, authority, offset, bytes)));
  }
  await Promise.all(writes);
  return buffer.publicKey;
}

async function deploy(file: Buffer, maxDataLength = file.length): Promise<PublicKey> {
  const buffer = await upload(file);
  const program = Keypair.generate();
  const authority = payer.publicKey;
  await client.send(
    [payer, program],
    await create(program.publicKey, PROGRAM_LENGTH, LOADER),
    upgradeableLoader.deployWithMaxDataLength(
      { payer: authority, program: program.publicKey, buffer, authority },
      maxDataLength,
    ),
  );
  expect(await client.connection.getAccountInfo(buffer)).toBe(null);
  // On Solana a program can be called from the slot after its deployment on.
  await client.nextSlot();
  return program.publicKey;
}

const call = (programId: PublicKey, account: PublicKey) =>
  new TransactionInstruction({
    programId,
    keys: [{ pubkey: account, isSigner: false, isWritable: true }],
    data: Buffer.alloc(0),
  });

const logsOf = async (signature: string) =>
  (await client.connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 }))?.meta
    ?.logMessages;

describe('a program deployed by transactions', () => {
  it('is called, upgraded and closed', async () => {
    const { connection } = client;
    const program = await deploy(counterProgram('one more', 1), 4096);
    const account = await connection.getAccountInfo(program);
    expect(account?.executable).toBe(true);
    expect(account?.owner).toEqual(LOADER);
    const { value } = await connection.getParsedAccountInfo(program);
    expect(value?.data).toMatchObject({
      program: 'bpf-upgradeable-loader',
      parsed: { type: 'program', info: { programData: programDataOf(program).toBase58() } },
    });

    const counter = Keypair.generate();
    await client.send([payer, counter], await create(counter.publicKey, 8, program));
    const count = async () => (await connection.getAccountInfo(counter.publicKey))!.data.readBigUInt64LE();
    const signature = await client.send([payer], call(program, counter.publicKey));
    expect(await count()).toBe(1n);
    expect(await logsOf(signature)).toEqual([
      `Program ${program} invoke [1]`,
      'Program log: one more',
      expect.stringMatching(new RegExp(`^Program ${program} consumed \\d+ of 200000 compute units$`)),
      `Program ${program} success`,
    ]);
    await client.send([payer], call(program, counter.publicKey), call(program, counter.publicKey));
    expect(await count()).toBe(3n);

    const authority = payer.publicKey;
    const buffer = await upload(counterProgram('ten more', 10));
    await client.send([payer], upgradeableLoader.upgrade({ program, buffer, spill: authority, authority }));
    await client.nextSlot();
    const upgraded = await client.send([payer], call(program, counter.publicKey));
    expect(await count()).toBe(13n);
    expect(await logsOf(upgraded)).toContain('Program log: ten more');

    const rent = await connection.getBalance(programDataOf(program));
    const before = await connection.getBalance(authority);
    await client.nextSlot();
    await client.send([payer], upgradeableLoader.close({ program, recipient: authority, authority }));
    expect(await connection.getBalance(authority)).toBe(before + rent - 5000);
    await client.nextSlot();
    const error = await rejection(client.send([payer], call(program, counter.publicKey)));
    expect(error).toBeInstanceOf(SendTransactionError);
    expect(await count()).toBe(13n);
  });

  it('may be a file that another loader holds', async () => {
    const { connection } = client;
    // The older loader keeps the file as it is in the program account.
    const memo = await connection.getAccountInfo(MEMO);
    expect(memo?.executable).toBe(true);
    const program = await deploy(memo!.data);
    const programData = await connection.getAccountInfo(programDataOf(program));
    expect(programData?.data.subarray(PROGRAM_DATA_HEADER)).toEqual(memo!.data);
    const signature = await client.send(
      [payer],
      new TransactionInstruction({
        programId: program,
        keys: [{ pubkey: payer.publicKey, isSigner: true, isWritable: false }],
        data: Buffer.from('a copy speaks'),
      }),
    );
    expect(await logsOf(signature)).toContain('Program log: a copy speaks');
  });

  it('does not write to accounts of others', async () => {
    const program = await deploy(counterProgram('not mine', 1));
    const other = Keypair.generate();
    await client.send([payer, other], await create(other.publicKey, 8, SystemProgram.programId));
    const error = await rejection(client.send([payer], call(program, other.publicKey)));
    if (!(error instanceof SendTransactionError)) throw error;
    expect(error.logs).toContain('Program log: not mine');
    expect((await client.connection.getAccountInfo(other.publicKey))?.data).toEqual(Buffer.alloc(8));
  });

  it('is refused when it is no program', async () => {
    const file = counterProgram('broken', 1);
    file[0] = 0;
    const error = await rejection(deploy(file));
    if (!(error instanceof SendTransactionError)) throw error;
    expect(error.message).toContain('Error processing Instruction 1: invalid account data for instruction');
  });
});
