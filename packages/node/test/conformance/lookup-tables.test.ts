import {
  address,
  assertIsTransactionWithBlockhashLifetime,
  compressTransactionMessageUsingAddressLookupTables,
  fetchAddressesForLookupTables,
  getSignatureFromTransaction,
  lamports,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import {
  AddressLookupTableProgram,
  Keypair,
  type PublicKey,
  SystemProgram,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KitClient } from './support/kit-client.js';
import { rejection } from './support/rejection.js';
import { TestNode } from './support/test-node.js';
import { Web3Client } from './support/web3-client.js';

let node: TestNode;
let client: Web3Client;
let payer: Keypair;
let table: PublicKey;
const listed = Array.from({ length: 20 }, () => Keypair.generate().publicKey);

beforeAll(async () => {
  node = await TestNode.start();
  client = new Web3Client(node);
  payer = await client.fundedKeypair();
  // A table is named after a slot that is over.
  const recentSlot = (await client.connection.getSlot()) - 1;
  const authority = payer.publicKey;
  const [create, lookupTable] = AddressLookupTableProgram.createLookupTable({
    authority,
    payer: authority,
    recentSlot,
  });
  table = lookupTable;
  const extend = { authority, payer: authority, lookupTable };
  await client.send(
    [payer],
    create,
    AddressLookupTableProgram.extendLookupTable({ ...extend, addresses: listed.slice(0, 15) }),
  );
  await client.send(
    [payer],
    AddressLookupTableProgram.extendLookupTable({ ...extend, addresses: listed.slice(15) }),
  );
  // What was added can be used from the next slot on.
  await client.nextSlot();
});
afterAll(() => node?.close());

const pay = (toPubkey: PublicKey, amount: number) =>
  SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey, lamports: amount });

describe('address lookup tables', () => {
  it('are read by @solana/web3.js, as they are and parsed', async () => {
    const { value } = await client.connection.getAddressLookupTable(table);
    expect(value?.state.addresses).toEqual(listed);
    expect(value?.state.authority).toEqual(payer.publicKey);
    expect(value?.isActive()).toBe(true);
    const parsed = await client.connection.getParsedAccountInfo(table);
    expect(parsed.value?.data).toMatchObject({
      program: 'address-lookup-table',
      parsed: {
        type: 'lookupTable',
        info: {
          addresses: listed.map((key) => key.toBase58()),
          authority: payer.publicKey.toBase58(),
          deactivationSlot: '18446744073709551615',
        },
      },
    });
  });

  it('shorten transactions of @solana/web3.js', async () => {
    const { connection } = client;
    const { value } = await connection.getAddressLookupTable(table);
    const latest = await connection.getLatestBlockhash();
    const message = new TransactionMessage({
      payerKey: payer.publicKey,
      recentBlockhash: latest.blockhash,
      instructions: listed.map((key, index) => pay(key, 1_000_000 + index)),
    }).compileToV0Message([value!]);
    expect(message.staticAccountKeys).toHaveLength(2);
    const transaction = new VersionedTransaction(message);
    transaction.sign([payer]);
    expect((await connection.simulateTransaction(transaction)).value.err).toBe(null);
    const signature = await connection.sendTransaction(transaction);
    expect((await connection.confirmTransaction({ signature, ...latest })).value.err).toBe(null);
    for (const [index, key] of listed.entries()) {
      expect(await connection.getBalance(key)).toBe(1_000_000 + index);
    }

    const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
    expect(found?.version).toBe(0);
    expect(found?.meta?.loadedAddresses).toEqual({ writable: listed, readonly: [] });
    expect(found?.meta?.postBalances).toHaveLength(2 + listed.length);
    expect(found?.transaction.message.addressTableLookups).toMatchObject([
      { accountKey: table, readonlyIndexes: [] },
    ]);
    const parsed = await connection.getParsedTransaction(signature, { maxSupportedTransactionVersion: 0 });
    const sources = parsed?.transaction.message.accountKeys.map(({ source }) => source);
    expect(sources?.filter((source) => source === 'lookupTable')).toHaveLength(listed.length);
    // An address that stands in the table only has its history all the same.
    const history = await connection.getSignaturesForAddress(listed[0]!);
    expect(history.map((entry) => entry.signature)).toEqual([signature]);
  });

  it('shorten transactions of @solana/kit', async () => {
    const kit = new KitClient(node);
    const signer = await kit.fundedSigner();
    const lookupTable = address(table.toBase58());
    const tables = await fetchAddressesForLookupTables([lookupTable], kit.rpc);
    expect(tables[lookupTable]).toEqual(listed.map((key) => key.toBase58()));
    const destination = address(listed[7]!.toBase58());
    const before = (await kit.rpc.getBalance(destination).send()).value;
    const instruction = getTransferSolInstruction({
      source: signer,
      destination,
      amount: lamports(4_000_000n),
    });
    const message = compressTransactionMessageUsingAddressLookupTables(
      await kit.message(signer, [instruction]),
      tables,
    );
    const transaction = await signTransactionMessageWithSigners(message);
    assertIsTransactionWithBlockhashLifetime(transaction);
    await kit.sendAndConfirm(transaction, { commitment: 'confirmed' });
    const after = (await kit.rpc.getBalance(destination, { commitment: 'confirmed' }).send()).value;
    expect(after - before).toBe(4_000_000n);
    const found = await kit.rpc
      .getTransaction(getSignatureFromTransaction(transaction), {
        commitment: 'confirmed',
        encoding: 'json',
        maxSupportedTransactionVersion: 0,
      })
      .send();
    expect(found?.meta?.loadedAddresses).toEqual({ writable: [destination], readonly: [] });
    expect(found?.transaction.message).toMatchObject({
      addressTableLookups: [{ accountKey: lookupTable, writableIndexes: [7], readonlyIndexes: [] }],
    });
  });

  it('are refused where there is none, or when an index is not in them', async () => {
    const { connection } = client;
    const { value } = await connection.getAddressLookupTable(table);
    const { blockhash } = await connection.getLatestBlockhash();
    const refusalOf = async (
      change: (lookup: { accountKey: PublicKey; writableIndexes: number[] }) => void,
    ) => {
      const message = new TransactionMessage({
        payerKey: payer.publicKey,
        recentBlockhash: blockhash,
        instructions: [pay(listed[0]!, 1_000_000)],
      }).compileToV0Message([value!]);
      change(message.addressTableLookups[0]!);
      const transaction = new VersionedTransaction(message);
      transaction.sign([payer]);
      return String(await rejection(connection.sendTransaction(transaction)));
    };
    const missing = await refusalOf((lookup) => {
      lookup.accountKey = Keypair.generate().publicKey;
    });
    expect(missing).toContain("Transaction loads an address table account that doesn't exist");
    const outside = await refusalOf((lookup) => {
      lookup.writableIndexes = [listed.length];
    });
    expect(outside).toContain('Transaction address table lookup uses an invalid index');
    const noTable = await refusalOf((lookup) => {
      lookup.accountKey = payer.publicKey;
    });
    expect(noTable).toContain('Transaction loads an address table account with an invalid owner');
  });
});
