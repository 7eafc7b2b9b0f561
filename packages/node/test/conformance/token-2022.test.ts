import {
  createInitializeMetadataPointerInstruction,
  createInitializeMintInstruction,
  createInitializeTransferFeeConfigInstruction,
  ExtensionType,
  getAccount,
  getMetadataPointerState,
  getMint,
  getMintLen,
  getOrCreateAssociatedTokenAccount,
  getTokenMetadata,
  getTransferFeeAmount,
  getTransferFeeConfig,
  harvestWithheldTokensToMint,
  mintTo,
  TOKEN_2022_PROGRAM_ID,
  tokenMetadataInitializeWithRentTransfer,
  transferChecked,
  transferCheckedWithFee,
  withdrawWithheldTokensFromMint,
} from '@solana/spl-token';
import { Keypair, type ParsedAccountData, type PublicKey, SystemProgram } from '@solana/web3.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestNode } from './support/test-node.js';
import { Web3Client } from './support/web3-client.js';

const PROGRAM = TOKEN_2022_PROGRAM_ID;
const OPTIONS = { commitment: 'confirmed' } as const;

let node: TestNode;
let client: Web3Client;
let payer: Keypair;
let mint: PublicKey;

/** A mint that takes one percent of each transfer, and holds its own metadata. */
beforeAll(async () => {
  node = await TestNode.start();
  client = new Web3Client(node);
  payer = await client.fundedKeypair();
  const key = Keypair.generate();
  mint = key.publicKey;
  const authority = payer.publicKey;
  const space = getMintLen([ExtensionType.TransferFeeConfig, ExtensionType.MetadataPointer]);
  await client.send(
    [payer, key],
    SystemProgram.createAccount({
      fromPubkey: authority,
      newAccountPubkey: mint,
      lamports: await client.connection.getMinimumBalanceForRentExemption(space),
      space,
      programId: PROGRAM,
    }),
    createInitializeTransferFeeConfigInstruction(mint, authority, authority, 100, 5_000n, PROGRAM),
    createInitializeMetadataPointerInstruction(mint, authority, mint, PROGRAM),
    createInitializeMintInstruction(mint, 3, authority, null, PROGRAM),
  );
});
afterAll(() => node?.close());

beforeEach(() => {
  client = new Web3Client(node);
});

const accountOf = async (owner: PublicKey) =>
  (
    await getOrCreateAssociatedTokenAccount(
      client.connection,
      payer,
      mint,
      owner,
      false,
      'confirmed',
      OPTIONS,
      PROGRAM,
    )
  ).address;

describe('Token-2022 extensions', () => {
  it('takes a fee of transfers, and gives it out', async () => {
    const { connection } = client;
    const [source, destination] = [
      await accountOf(payer.publicKey),
      await accountOf(Keypair.generate().publicKey),
    ];
    await mintTo(connection, payer, mint, source, payer, 1_000_000n, [], OPTIONS, PROGRAM);
    await transferChecked(
      connection,
      payer,
      source,
      mint,
      destination,
      payer,
      100_000n,
      3,
      [],
      OPTIONS,
      PROGRAM,
    );
    await transferCheckedWithFee(
      connection,
      payer,
      source,
      mint,
      destination,
      payer,
      200_000n,
      3,
      2_000n,
      [],
      OPTIONS,
      PROGRAM,
    );
    const account = await getAccount(connection, destination, 'confirmed', PROGRAM);
    expect(account.amount).toBe(297_000n);
    expect(getTransferFeeAmount(account)?.withheldAmount).toBe(3_000n);

    await harvestWithheldTokensToMint(connection, payer, mint, [destination], OPTIONS, PROGRAM);
    const held = await getMint(connection, mint, 'confirmed', PROGRAM);
    expect(getTransferFeeConfig(held)?.withheldAmount).toBe(3_000n);
    await withdrawWithheldTokensFromMint(connection, payer, mint, source, payer, [], OPTIONS, PROGRAM);
    expect((await getAccount(connection, source, 'confirmed', PROGRAM)).amount).toBe(703_000n);
  });

  it('holds metadata in the mint', async () => {
    const { connection } = client;
    await tokenMetadataInitializeWithRentTransfer(
      connection,
      payer,
      mint,
      payer.publicKey,
      payer,
      'Conformance',
      'CNF',
      'https://example.org/cnf.json',
      [],
      OPTIONS,
      PROGRAM,
    );
    expect(await getTokenMetadata(connection, mint, 'confirmed')).toMatchObject({
      name: 'Conformance',
      symbol: 'CNF',
      uri: 'https://example.org/cnf.json',
      updateAuthority: payer.publicKey,
      mint,
    });
    expect(getMetadataPointerState(await getMint(connection, mint, 'confirmed', PROGRAM))).toMatchObject({
      authority: payer.publicKey,
      metadataAddress: mint,
    });
  });

  it('names the extensions of a parsed mint', async () => {
    const { value } = await client.connection.getParsedAccountInfo(mint);
    const { program, parsed } = value!.data as ParsedAccountData;
    expect(program).toBe('spl-token-2022');
    const names = parsed.info.extensions.map(({ extension }: { extension: string }) => extension);
    expect(names).toEqual(expect.arrayContaining(['transferFeeConfig', 'metadataPointer']));
  });
});
