import { u64le } from '@polyproof/base';
import { type Account, decodeAccount } from '@polyproof/state';
import { describe, expect, it } from 'vitest';
import { genesisPrograms } from '../../src/genesis-programs.js';
import { systemAccount } from '../../src/index.js';
import { decodeRequest, encodeExecute } from '../../src/runtime/engine/engine-protocol.js';
import { addressKey } from '../../src/runtime/engine/held-account.js';
import { decodeMeta } from '../../src/runtime/engine/meta-codec.js';
import { RuntimeEngine } from '../../src/runtime/engine/runtime-engine.js';
import { isKnownTokenProgram } from '../../src/runtime/engine/token-moves.js';
import { returning } from '../support/engine-programs.js';
import {
  address,
  BLOCKHASH,
  context,
  engineTransaction,
  entry,
  mintAccount,
  SOL,
  TOKEN,
  tokenAccount,
  tokenTransfer,
} from '../support/engine-transactions.js';

/** tag, slot, optional authority */
const HEADER_BYTES = 45;
const MINT = address('mint');
const FROM = address('alice token');
const TO = address('bob token');

const programs = genesisPrograms();
const token = programs.find(([key]) => addressKey(key) === addressKey(TOKEN))![1];
const codeKey = addressKey(token.data.subarray(4, 36));

/** One transfer of 30 that Alice signs, with this code as the token program. */
function transfer(code: Uint8Array, from = tokenAccount(MINT, address('alice'), 100n)) {
  const accounts = new Map<string, Account>(programs.map(([key, account]) => [addressKey(key), account]));
  const programdata = accounts.get(codeKey)!;
  const data = Buffer.concat([programdata.data.subarray(0, HEADER_BYTES), code]);
  accounts.set(codeKey, { ...programdata, data });
  accounts.set(addressKey(MINT), mintAccount(address('alice'), 200n, 2));
  accounts.set(addressKey(address('alice')), systemAccount(SOL));
  accounts.set(addressKey(FROM), from);
  accounts.set(addressKey(TO), tokenAccount(MINT, address('bob'), 100n));
  const engine = new RuntimeEngine();
  engine.beginBlock(context());
  const instructions = [tokenTransfer(FROM, TO, address('alice'), 30n)];
  const transaction = engineTransaction({ signers: ['alice'], instructions, blockhash: BLOCKHASH });
  const entries = [...accounts].map(([key, account]) => entry(Buffer.from(key, 'latin1'), account));
  const request = decodeRequest(encodeExecute(1, { accounts: entries, transactions: [transaction] }));
  if (request.kind !== 'execute') throw new Error(request.kind);
  const { outcomes, accounts: changed } = engine.execute(request.accounts, request.transactions);
  const { preTokenBalances, postTokenBalances } = decodeMeta(outcomes[0]!.meta);
  const amounts = [preTokenBalances, postTokenBalances].map((all) => all.map(({ amount }) => amount));
  const changes = changed.map(([key, bytes]) => [addressKey(key), bytes && decodeAccount(bytes)] as const);
  return { status: outcomes[0]!.status, amounts, changed: new Map(changes) };
}

describe('transfers of tokens', () => {
  const code = programs.find(([key]) => addressKey(key) === codeKey)![1].data.subarray(HEADER_BYTES);

  it('are known beforehand with the token program of the genesis', () => {
    expect(isKnownTokenProgram(Buffer.concat([Buffer.alloc(HEADER_BYTES), code]))).toBe(true);
    const { status, amounts, changed } = transfer(code);
    expect(status).toBe('ok');
    expect(amounts).toEqual([
      [100n, 100n],
      [70n, 130n],
    ]);
    expect(changed.get(addressKey(FROM))).toEqual(tokenAccount(MINT, address('alice'), 70n));
    expect(changed.get(addressKey(TO))).toEqual(tokenAccount(MINT, address('bob'), 130n));
  });

  it('by a delegate use up what is delegated', () => {
    const delegated = (amount: bigint, left: bigint) => {
      const account = tokenAccount(MINT, address('carol'), amount);
      account.data[72] = 1;
      account.data.set(address('alice'), 76);
      account.data.set(u64le(left), 121);
      return account;
    };
    const { status, changed } = transfer(code, delegated(100n, 50n));
    expect(status).toBe('ok');
    expect(changed.get(addressKey(FROM))).toEqual(delegated(70n, 20n));
  });

  it('are what another program in its place makes of them', () => {
    const { status, amounts, changed } = transfer(returning(0n));
    expect(status).toBe('ok');
    expect(amounts).toEqual([
      [100n, 100n],
      [100n, 100n],
    ]);
    expect([...changed.keys()]).toEqual([addressKey(address('alice'))]);
  });
});
