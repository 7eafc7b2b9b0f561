import {
  ASSOCIATED_TOKEN_PROGRAM_ID,
  AuthorityType,
  approve,
  burn,
  closeAccount,
  createAccount,
  createMint,
  createMultisig,
  createSyncNativeInstruction,
  createTransferInstruction,
  createWrappedNativeAccount,
  freezeAccount,
  getAccount,
  getAssociatedTokenAddressSync,
  getMint,
  getMultisig,
  getOrCreateAssociatedTokenAccount,
  mintTo,
  NATIVE_MINT,
  revoke,
  setAuthority,
  syncNative,
  TOKEN_2022_PROGRAM_ID,
  TOKEN_PROGRAM_ID,
  thawAccount,
  transfer,
  transferChecked,
} from '@solana/spl-token';
import {
  Keypair,
  type ParsedInstruction,
  type PublicKey,
  SendTransactionError,
  SystemProgram,
} from '@solana/web3.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from './support/rejection.js';
import { TestNode } from './support/test-node.js';
import { Web3Client } from './support/web3-client.js';

const OPTIONS = { commitment: 'confirmed' } as const;

let node: TestNode;
let client: Web3Client;

beforeAll(async () => {
  node = await TestNode.start();
  client = new Web3Client(node);
});
afterAll(() => node?.close());

beforeEach(() => {
  client = new Web3Client(node);
});

describe.each([
  { name: 'Token', program: TOKEN_PROGRAM_ID, parser: 'spl-token' },
  { name: 'Token-2022', program: TOKEN_2022_PROGRAM_ID, parser: 'spl-token-2022' },
])('@solana/spl-token with the $name program', ({ program, parser }) => {
  let payer: Keypair;
  let recipient: Keypair;
  let mint: PublicKey;
  let source: PublicKey;
  let destination: PublicKey;

  const connection = () => client.connection;
  const amountOf = async (address: PublicKey) =>
    (await getAccount(connection(), address, 'confirmed', program)).amount;

  beforeAll(async () => {
    payer = await client.fundedKeypair();
    recipient = Keypair.generate();
    const [authority, key] = [payer.publicKey, Keypair.generate()];
    mint = await createMint(connection(), payer, authority, authority, 6, key, OPTIONS, program);
    const ata = (owner: PublicKey) =>
      getOrCreateAssociatedTokenAccount(
        connection(),
        payer,
        mint,
        owner,
        false,
        'confirmed',
        OPTIONS,
        program,
      );
    source = (await ata(payer.publicKey)).address;
    destination = (await ata(recipient.publicKey)).address;
    // Once more: it is there already.
    expect((await ata(recipient.publicKey)).address).toEqual(destination);
    await mintTo(connection(), payer, mint, source, payer, 10_000_000n, [], OPTIONS, program);
  });

  it('creates mints and associated accounts', async () => {
    expect(await getMint(connection(), mint, 'confirmed', program)).toMatchObject({
      decimals: 6,
      supply: 10_000_000n,
      mintAuthority: payer.publicKey,
      freezeAuthority: payer.publicKey,
      isInitialized: true,
    });
    expect(destination).toEqual(getAssociatedTokenAddressSync(mint, recipient.publicKey, false, program));
    expect(await getAccount(connection(), destination, 'confirmed', program)).toMatchObject({
      mint,
      owner: recipient.publicKey,
      isFrozen: false,
    });
  });

  it('transfers, checked and unchecked, and keeps the balances of the transaction', async () => {
    const before = await amountOf(destination);
    const signature = await transfer(
      connection(),
      payer,
      source,
      destination,
      payer,
      250_000n,
      [],
      OPTIONS,
      program,
    );
    await transferChecked(
      connection(),
      payer,
      source,
      mint,
      destination,
      payer,
      1_000_000n,
      6,
      [],
      OPTIONS,
      program,
    );
    expect(await amountOf(destination)).toBe(before + 1_250_000n);

    const parsed = await connection().getParsedTransaction(signature, { maxSupportedTransactionVersion: 0 });
    const [instruction] = parsed!.transaction.message.instructions as ParsedInstruction[];
    expect(instruction).toMatchObject({
      program: 'spl-token',
      programId: program,
      parsed: {
        type: 'transfer',
        info: {
          source: source.toBase58(),
          destination: destination.toBase58(),
          authority: payer.publicKey.toBase58(),
          amount: '250000',
        },
      },
    });
    const balanceOf = (owner: Keypair, list: NonNullable<typeof parsed>['meta']) => {
      const amounts = [list?.preTokenBalances, list?.postTokenBalances].map((balances) => {
        const found = balances?.find((balance) => balance.owner === owner.publicKey.toBase58());
        return BigInt(found?.uiTokenAmount.amount ?? 0);
      });
      return amounts[1]! - amounts[0]!;
    };
    expect(balanceOf(payer, parsed!.meta)).toBe(-250_000n);
    expect(balanceOf(recipient, parsed!.meta)).toBe(250_000n);
    expect(parsed?.meta?.postTokenBalances?.[0]).toMatchObject({
      mint: mint.toBase58(),
      programId: program.toBase58(),
      uiTokenAmount: { decimals: 6 },
    });
  });

  it('approves a delegate, who transfers, and revokes', async () => {
    const delegate = await client.fundedKeypair();
    const owner = delegate.publicKey;
    await approve(connection(), payer, source, owner, payer, 500_000n, [], OPTIONS, program);
    expect(await getAccount(connection(), source, 'confirmed', program)).toMatchObject({
      delegate: owner,
      delegatedAmount: 500_000n,
    });
    const before = await amountOf(destination);
    await transfer(connection(), payer, source, destination, delegate, 200_000n, [], OPTIONS, program);
    expect(await amountOf(destination)).toBe(before + 200_000n);
    await revoke(connection(), payer, source, payer, [], OPTIONS, program);
    expect((await getAccount(connection(), source, 'confirmed', program)).delegate).toBe(null);
    const error = await rejection(
      transfer(connection(), payer, source, destination, delegate, 1n, [], OPTIONS, program),
    );
    // OwnerMismatch
    expect(String(error)).toContain('custom program error: 0x4');
  });

  it('freezes and thaws', async () => {
    await freezeAccount(connection(), payer, destination, mint, payer, [], OPTIONS, program);
    expect(await getAccount(connection(), destination, 'confirmed', program)).toMatchObject({
      isFrozen: true,
    });
    const { value } = await connection().getParsedAccountInfo(destination);
    expect(value?.data).toMatchObject({ parsed: { info: { state: 'frozen' } } });
    const error = await rejection(
      transfer(connection(), payer, source, destination, payer, 1n, [], OPTIONS, program),
    );
    if (!(error instanceof SendTransactionError)) throw error;
    // AccountFrozen
    expect(error.message).toContain('custom program error: 0x11');
    expect(error.logs?.join('\n')).toContain('frozen');
    await thawAccount(connection(), payer, destination, mint, payer, [], OPTIONS, program);
    await transfer(connection(), payer, source, destination, payer, 1n, [], OPTIONS, program);
  });

  it('burns, and closes what is empty', async () => {
    const owner = await client.fundedKeypair();
    const account = await createAccount(
      connection(),
      owner,
      mint,
      owner.publicKey,
      Keypair.generate(),
      OPTIONS,
      program,
    );
    await mintTo(connection(), payer, mint, account, payer, 77n, [], OPTIONS, program);
    const { supply } = await getMint(connection(), mint, 'confirmed', program);
    const close = () =>
      closeAccount(connection(), owner, account, payer.publicKey, owner, [], OPTIONS, program);
    // NonNativeHasBalance
    expect(String(await rejection(close()))).toContain('custom program error: 0xb');
    await burn(connection(), owner, account, mint, owner, 77n, [], OPTIONS, program);
    expect((await getMint(connection(), mint, 'confirmed', program)).supply).toBe(supply - 77n);
    const [before, rent] = [
      await connection().getBalance(payer.publicKey),
      await connection().getBalance(account),
    ];
    await close();
    expect(await connection().getAccountInfo(account)).toBe(null);
    expect(await connection().getBalance(payer.publicKey)).toBe(before + rent);
  });

  it('changes authorities', async () => {
    const key = await createMint(
      connection(),
      payer,
      payer.publicKey,
      null,
      0,
      Keypair.generate(),
      OPTIONS,
      program,
    );
    await setAuthority(connection(), payer, key, payer, AuthorityType.MintTokens, null, [], OPTIONS, program);
    expect(await getMint(connection(), key, 'confirmed', program)).toMatchObject({
      mintAuthority: null,
      freezeAuthority: null,
    });
    const account = getAssociatedTokenAddressSync(key, payer.publicKey, false, program);
    await getOrCreateAssociatedTokenAccount(
      connection(),
      payer,
      key,
      payer.publicKey,
      false,
      'confirmed',
      OPTIONS,
      program,
    );
    const error = await rejection(mintTo(connection(), payer, key, account, payer, 1n, [], OPTIONS, program));
    // FixedSupply
    expect(String(error)).toContain('custom program error: 0x5');
  });

  it('takes signatures of a multisig', async () => {
    const signers = [Keypair.generate(), Keypair.generate(), Keypair.generate()];
    const keys = signers.map(({ publicKey }) => publicKey);
    const multisig = await createMultisig(connection(), payer, keys, 2, Keypair.generate(), OPTIONS, program);
    expect(await getMultisig(connection(), multisig, 'confirmed', program)).toMatchObject({ m: 2, n: 3 });
    const account = await createAccount(
      connection(),
      payer,
      mint,
      multisig,
      Keypair.generate(),
      OPTIONS,
      program,
    );
    await mintTo(connection(), payer, mint, account, payer, 10n, [], OPTIONS, program);
    const pay = (...by: Keypair[]) =>
      transfer(connection(), payer, account, destination, multisig, 5n, by, OPTIONS, program);
    expect(String(await rejection(pay(signers[0]!)))).toMatch(/missing required signature/i);
    await pay(signers[0]!, signers[2]!);
    expect(await amountOf(account)).toBe(5n);
  });

  it('finds token accounts, supplies and holders', async () => {
    const owner = payer.publicKey;
    const amount = await amountOf(source);
    const byMint = await connection().getTokenAccountsByOwner(owner, { mint });
    expect(byMint.value.map(({ pubkey }) => pubkey)).toEqual([source]);
    expect(byMint.value[0]?.account.data.readBigUInt64LE(64)).toBe(amount);
    const byProgram = await connection().getParsedTokenAccountsByOwner(owner, { programId: program });
    const found = byProgram.value.find(({ pubkey }) => pubkey.equals(source));
    expect(found?.account.data).toMatchObject({
      program: parser,
      parsed: {
        type: 'account',
        info: {
          isNative: false,
          mint: mint.toBase58(),
          owner: owner.toBase58(),
          state: 'initialized',
          tokenAmount: { amount: String(amount), decimals: 6 },
        },
      },
    });
    const balance = await connection().getTokenAccountBalance(source);
    expect(balance.value).toMatchObject({
      amount: String(amount),
      decimals: 6,
      uiAmount: Number(amount) / 1e6,
      uiAmountString: String(Number(amount) / 1e6),
    });
    const { supply } = await getMint(connection(), mint, 'confirmed', program);
    expect((await connection().getTokenSupply(mint)).value.amount).toBe(String(supply));
    const largest = await connection().getTokenLargestAccounts(mint);
    expect(largest.value[0]).toMatchObject({ address: source, amount: String(amount) });
    expect(largest.value.map(({ address }) => address)).toContainEqual(destination);
    const parsed = await connection().getParsedAccountInfo(mint);
    expect(parsed.value?.data).toMatchObject({
      program: parser,
      parsed: {
        type: 'mint',
        info: { decimals: 6, supply: String(supply), mintAuthority: owner.toBase58(), isInitialized: true },
      },
    });
    const missing = await rejection(connection().getTokenAccountBalance(Keypair.generate().publicKey));
    expect(String(missing)).toContain('Invalid param: could not find account');
  });

  it('shows what a program called', async () => {
    const owner = Keypair.generate().publicKey;
    const other = await createMint(
      connection(),
      payer,
      payer.publicKey,
      null,
      0,
      Keypair.generate(),
      OPTIONS,
      program,
    );
    const { address } = await getOrCreateAssociatedTokenAccount(
      connection(),
      payer,
      other,
      owner,
      false,
      'confirmed',
      OPTIONS,
      program,
    );
    const { signature } = (await connection().getSignaturesForAddress(address))[0]!;
    const parsed = await connection().getParsedTransaction(signature, { maxSupportedTransactionVersion: 0 });
    const [create] = parsed!.transaction.message.instructions as ParsedInstruction[];
    expect(create).toMatchObject({
      program: 'spl-associated-token-account',
      programId: ASSOCIATED_TOKEN_PROGRAM_ID,
      parsed: { type: 'create', info: { account: address.toBase58(), wallet: owner.toBase58() } },
    });
    const inner = parsed!.meta!.innerInstructions![0]!.instructions as ParsedInstruction[];
    const types = inner.map((instruction) => `${instruction.program} ${instruction.parsed.type}`);
    expect(types).toContain('system createAccount');
    expect(types.at(-1)).toBe('spl-token initializeAccount3');
  });
});

describe('@solana/spl-token with wrapped SOL', () => {
  it('wraps, counts what was added, and unwraps', async () => {
    const { connection } = client;
    const owner = await client.fundedKeypair();
    const wrapped = await createWrappedNativeAccount(
      connection,
      owner,
      owner.publicKey,
      2_000_000_000,
      undefined,
      OPTIONS,
    );
    const rent = BigInt(await connection.getMinimumBalanceForRentExemption(165));
    expect(await getAccount(connection, wrapped)).toMatchObject({
      mint: NATIVE_MINT,
      amount: 2_000_000_000n,
      isNative: true,
      rentExemptReserve: rent,
    });
    const add = { fromPubkey: owner.publicKey, toPubkey: wrapped, lamports: 500_000_000 };
    await client.send([owner], SystemProgram.transfer(add));
    expect((await getAccount(connection, wrapped)).amount).toBe(2_000_000_000n);
    await syncNative(connection, owner, wrapped, OPTIONS);
    expect((await getAccount(connection, wrapped)).amount).toBe(2_500_000_000n);
    const { value } = await connection.getParsedAccountInfo(wrapped);
    expect(value?.data).toMatchObject({
      parsed: {
        info: {
          isNative: true,
          rentExemptReserve: { amount: String(rent), decimals: 9 },
          tokenAmount: { amount: '2500000000', uiAmountString: '2.5' },
        },
      },
    });
    await client.send(
      [owner],
      SystemProgram.transfer(add),
      createSyncNativeInstruction(wrapped),
      createTransferInstruction(wrapped, wrapped, owner.publicKey, 3_000_000_000n),
    );
    const before = await connection.getBalance(owner.publicKey);
    await closeAccount(connection, owner, wrapped, owner.publicKey, owner, [], OPTIONS);
    expect(await connection.getBalance(owner.publicKey)).toBe(before + 3_000_000_000 + Number(rent) - 5000);
    expect(await connection.getAccountInfo(wrapped)).toBe(null);
  });
});
