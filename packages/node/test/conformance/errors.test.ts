import {
  address,
  isSolanaError,
  SOLANA_ERROR__JSON_RPC__INVALID_PARAMS,
  SOLANA_ERROR__JSON_RPC__METHOD_NOT_FOUND,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_TRANSACTION_SIGNATURE_VERIFICATION_FAILURE,
} from '@solana/kit';
import { Keypair, SolanaJSONRPCError, SystemProgram, Transaction } from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask as askNode, post } from './support/json-rpc.js';
import { KitClient } from './support/kit-client.js';
import { rejection } from './support/rejection.js';
import { TestNode } from './support/test-node.js';
import { Web3Client } from './support/web3-client.js';

const SYSTEM = '11111111111111111111111111111111';
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const SIGNATURE = '1'.repeat(64);
const FUTURE_SLOT = 10_000_000;

let node: TestNode;
let client: Web3Client;
let payer: Keypair;

beforeAll(async () => {
  node = await TestNode.start();
  client = new Web3Client(node);
  payer = await client.fundedKeypair();
});
afterAll(() => node?.close());

const ask = (method: string, params: unknown[]) => askNode(node.url, method, params);

describe('requests that are wrong', () => {
  it('are told apart as JSON-RPC 2.0 says', async () => {
    expect(await post(node.url, '{"jsonrpc":')).toMatchObject({
      id: null,
      error: { code: -32700, message: 'Parse error' },
    });
    expect(await post(node.url, '{"id":1}')).toMatchObject({ error: { code: -32600 } });
    expect(await ask('getNothing', [])).toMatchObject({
      id: 7,
      error: { code: -32601, message: 'Method not found' },
    });
    const requests = [
      { jsonrpc: '2.0', id: 1, method: 'getHealth' },
      { jsonrpc: '2.0', id: 2, method: 'getNothing' },
    ];
    expect(await post(node.url, JSON.stringify(requests))).toMatchObject([
      { id: 1, result: 'ok' },
      { id: 2, error: { code: -32601 } },
    ]);
  });

  // Texts and codes of Agave's `rpc` crate: rpc.rs, rpc_client_api's custom_error.rs.
  it.each<[method: string, params: unknown[], code: number, message?: string | RegExp]>([
    ['getBalance', [], -32602],
    ['getBalance', ['nonsense'], -32602],
    ['getBalance', ['0OIl'], -32602],
    ['getAccountInfo', ['nonsense'], -32602],
    [
      'getAccountInfo',
      ['MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr', { encoding: 'base58' }],
      -32600,
      'Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.',
    ],
    ['getMultipleAccounts', [Array(101).fill(SYSTEM)], -32602, 'Too many inputs provided; max 100'],
    ['getSignatureStatuses', [Array(257).fill(SIGNATURE)], -32602, 'Too many inputs provided; max 256'],
    ['getSignatureStatuses', [['nonsense']], -32602],
    [
      'getProgramAccounts',
      [SYSTEM, { filters: Array(5).fill({ dataSize: 0 }) }],
      -32602,
      'Too many filters provided; max 4',
    ],
    ['getSignaturesForAddress', [SYSTEM, { limit: 1001 }], -32602, 'Invalid limit; max 1000'],
    ['getSignaturesForAddress', [SYSTEM, { limit: 0 }], -32602, 'Invalid limit; max 1000'],
    ['getSlotLeaders', [0, 5001], -32602, 'Invalid limit; max 5000'],
    ['getBlocksWithLimit', [0, 500_001], -32602, 'Limit too large; max 500000'],
    ['getBlock', [FUTURE_SLOT], -32004, `Block not available for slot ${FUTURE_SLOT}`],
    ['getTransaction', ['nonsense'], -32602],
    [
      'getTransaction',
      [SIGNATURE, { commitment: 'processed' }],
      -32602,
      'Method does not support commitment below `confirmed`',
    ],
    ['getTokenAccountBalance', [SYSTEM], -32602, /^Invalid param: /],
    ['getTokenSupply', [TOKEN], -32602, 'Invalid param: not a Token mint'],
    [
      'getTokenAccountsByOwner',
      [SYSTEM, { programId: SYSTEM }],
      -32602,
      'Invalid param: unrecognized Token program id',
    ],
    ['getTokenAccountsByOwner', [SYSTEM, { mint: TOKEN }], -32602, 'Invalid param: not a Token mint'],
    ['isBlockhashValid', ['nonsense'], -32602],
    ['getHighestSnapshotSlot', [], -32008, 'No snapshot'],
    [
      'getBalance',
      [SYSTEM, { minContextSlot: FUTURE_SLOT }],
      -32016,
      'Minimum context slot has not been reached',
    ],
    ['sendTransaction', ['*', { encoding: 'base64' }], -32602],
    ['sendTransaction', ['0', {}], -32602],
    ['sendTransaction', ['AAAA', { encoding: 'base64' }], -32602],
    ['sendTransaction', ['A'.repeat(2000), { encoding: 'base64' }], -32602],
    ['simulateTransaction', ['AAAA', { encoding: 'base64' }], -32602],
    ['getFeeForMessage', ['AAAA'], -32602],
  ])('%#: %s', async (method, params, code, message) => {
    const { error } = await ask(method, params);
    expect(error?.code).toBe(code);
    if (typeof message === 'string') expect(error?.message).toBe(message);
    else if (message !== undefined) expect(error?.message).toMatch(message);
  });

  it('tell the slot that was reached', async () => {
    const { error } = await ask('getSlot', [{ minContextSlot: FUTURE_SLOT }]);
    expect(error).toMatchObject({ code: -32016, data: { contextSlot: expect.any(Number) } });
  });
});

describe('errors as clients see them', () => {
  it('@solana/kit', async () => {
    const { rpc } = new KitClient(node);
    const slot = BigInt(FUTURE_SLOT);
    const early = await rejection(rpc.getBalance(address(SYSTEM), { minContextSlot: slot }).send());
    expect(isSolanaError(early, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED)).toBe(
      true,
    );
    const invalid = await rejection(rpc.getBalance('nonsense' as never).send());
    expect(isSolanaError(invalid, SOLANA_ERROR__JSON_RPC__INVALID_PARAMS)).toBe(true);
    const unknown = await rejection(
      (rpc as unknown as { getNothing: typeof rpc.getSlot }).getNothing().send(),
    );
    expect(isSolanaError(unknown, SOLANA_ERROR__JSON_RPC__METHOD_NOT_FOUND)).toBe(true);

    const { blockhash, lastValidBlockHeight } = await client.connection.getLatestBlockhash();
    const transaction = new Transaction({ feePayer: payer.publicKey, blockhash, lastValidBlockHeight });
    const toPubkey = Keypair.generate().publicKey;
    transaction.add(SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey, lamports: 1_000_000 }));
    transaction.sign(payer);
    const bytes = transaction.serialize();
    bytes[1]! ^= 1;
    for (const skipPreflight of [false, true]) {
      const wire = bytes.toString('base64') as never;
      const forged = await rejection(rpc.sendTransaction(wire, { encoding: 'base64', skipPreflight }).send());
      expect(
        isSolanaError(
          forged,
          SOLANA_ERROR__JSON_RPC__SERVER_ERROR_TRANSACTION_SIGNATURE_VERIFICATION_FAILURE,
        ),
      ).toBe(true);
    }
  });

  it('@solana/web3.js', async () => {
    const error = await rejection(
      client.connection.getBalance(payer.publicKey, { minContextSlot: FUTURE_SLOT }),
    );
    expect(String(error)).toContain('Minimum context slot has not been reached');
    const block = await rejection(
      client.connection.getBlock(FUTURE_SLOT, { maxSupportedTransactionVersion: 0 }),
    );
    if (!(block instanceof SolanaJSONRPCError)) throw block;
    expect(block.code).toBe(-32004);
  });
});
