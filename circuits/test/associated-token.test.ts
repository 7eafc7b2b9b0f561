import { initHashing } from '@polyproof/state';
import litesvm from 'litesvm/dist/internal.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeBase58 } from '../../packages/svm/src/base58.js';
import { genesisPrograms } from '../../packages/svm/src/genesis-programs.js';
import { loadProgram } from '../../packages/svm/src/sbpf/load-program.js';
import { createProgramAddress } from '../../packages/svm/src/sbpf/syscalls/program-address.js';
import { SYSCALL_NAMES } from '../../packages/svm/src/sbpf/syscalls/syscall-names.js';
import { arithmetise } from '../../packages/svm/src/zkvm/arithmetise.js';
import type { BatchAccount, TransactionCapacity } from '../../packages/svm/src/zkvm/transaction-layout.js';
import type { ProvableTransaction } from '../../packages/svm/src/zkvm/transaction-rows.js';
import { runTransactions } from '../../packages/svm/src/zkvm/transaction-run.js';
import { named, TOKEN } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { callAccounts, PLACE, use } from './sbpf-calls.js';
import { AT, accounts, CAPACITY, committedToken, wire } from './sbpf-transactions.js';

const ATA = decodeBase58('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
/** Room for anything. */
const ROOM: TransactionCapacity = {
  ...CAPACITY,
  accountCells: 1_000,
  freshCells: 500,
  uses: 200,
  rows: 60,
  dataWords: 200,
  dataPages: 20,
  rights: 300,
  windows: 100,
  calls: 8,
  passed: 30,
  infos: 80,
  resumed: 80,
  shared: 500,
  epochs: 80,
  own: 20,
  callWords: 100,
};

function program() {
  const [, { data }] = genesisPrograms().find(([address]) => Buffer.compare(address, ATA) === 0)!;
  const loaded = loadProgram(data);
  return {
    address: ATA,
    entries: arithmetise(loaded, SYSCALL_NAMES, ATA),
    readOnly: loaded.readOnly.bytes,
  };
}

/** The address of the payer's tokens of the mint. */
function associated(): Uint8Array {
  for (let bump = 255; ; bump--) {
    const found = createProgramAddress([named('payer'), TOKEN, named('mint'), Uint8Array.of(bump)], ATA);
    if (typeof found !== 'string') return found;
  }
}

const create = (data: number[]): ProvableTransaction => ({
  payer: AT.PAYER,
  feeLamports: 5_000n,
  computeUnitLimit: 200_000,
  instructions: [
    {
      programId: ATA,
      accounts: [
        use(AT.PAYER, 'sw'),
        use(AT.TO, 'w'),
        use(AT.PAYER, 'sw'),
        use(AT.MINT),
        use(PLACE.SYSTEM),
        use(PLACE.TOKEN),
      ],
      data: Uint8Array.from(data),
    },
  ],
});

function before(): BatchAccount[] {
  const list = callAccounts();
  list[AT.MINT] = accounts()[AT.MINT]!;
  list[AT.TO] = { address: associated(), account: null };
  return list;
}

beforeAll(() => initHashing());

describe('Associated Token on the machine ends as in litesvm', () => {
  const programs = () => [committedToken(), program()];

  for (const [name, transactions] of [
    ['create', [create([])]],
    ['createIdempotent', [create([1])]],
    ['createIdempotent of what there is', [create([0]), create([1])]],
  ] as const)
    it(name, () => {
      const list = before();
      const of = runTransactions({
        accounts: list,
        programs: programs(),
        blocks: [{ transactions }],
        capacity: ROOM,
      });
      const svm = new litesvm.LiteSvm();
      svm.setSigverify(false);
      svm.setBlockhashCheck(false);
      svm.setTransactionHistory(0n);
      for (const { address, account } of list)
        if (account !== null && !account.executable)
          svm.setAccount(
            address,
            new litesvm.Account(account.lamports, account.data, account.owner, false, account.rentEpoch),
          );
      let units = 0n;
      for (const transaction of transactions) {
        const result = svm.sendLegacyTransaction(wire(transaction, list));
        if (!(result instanceof litesvm.TransactionMetadata))
          throw new Error(result.meta().logs().join('\n'));
        units += result.computeUnitsConsumed();
      }
      expect(BigInt(of.run.units)).toBe(units);
      of.after.forEach((account, place) => {
        const expected = svm.getAccount(list[place]!.address);
        expect(account?.lamports ?? 0n, `lamports of ${place}`).toBe(expected?.lamports() ?? 0n);
        expect(Buffer.from(account?.data ?? [])).toEqual(Buffer.from(expected?.data() ?? []));
        expect(Buffer.from(account?.owner ?? new Uint8Array(32))).toEqual(
          Buffer.from(expected?.owner() ?? new Uint8Array(32)),
        );
      });
    });
});
