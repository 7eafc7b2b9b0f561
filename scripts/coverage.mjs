// docs/coverage.md: which instructions batches prove, with what each takes of a circuit on a sample.
import { join } from 'node:path';

/** Gates of a row, from docs/zkvm.md. */
const GATES = {
  rows: 302,
  uses: 93,
  rights: 80,
  windows: 28,
  machineSteps: 48.6,
  accesses: 40.3,
  partLoads: 56,
  partStores: 76,
  crossingLoads: 78,
  crossingStores: 99,
  moves: 10.4,
  jumps: 8.7,
  narrows: 14.7,
  sums: 17.7,
  products: 17.9,
  quotients: 24.2,
  equalities: 15.4,
  orders: 20.7,
  bitwise: 23.9,
  shifts: 25.2,
  swaps: 23.2,
};

const bytes32 = (byte) => new Uint8Array(32).fill(byte);
const [PAYER, OTHER, MINT, FROM, TO, FROZEN, EMPTY, NATIVE, NEW_MINT, NEW_ACCOUNT, ABSENT] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
].map(bytes32);
const LAMPORTS = 10n ** 10n;
const AMOUNT = 1_000n;

function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** Accounts by address in hex; the payer has authority over all of them. */
function sampleAccounts(token, nativeMint) {
  const account = (address, owner, data) => [
    Buffer.from(address).toString('hex'),
    { lamports: LAMPORTS, owner, data, executable: false, rentEpoch: (1n << 64n) - 1n },
  ];
  const mint = Buffer.alloc(82);
  mint.set([1, 0, 0, 0, ...PAYER, ...u64(10n ** 9n), 6, 1, 1, 0, 0, 0, ...PAYER]);
  const tokens = (of, state = 1) => {
    const data = Buffer.alloc(165);
    data.set([...of, ...PAYER, ...u64(10n ** 6n)]);
    data[108] = state;
    return data;
  };
  const empty = tokens(MINT).fill(0, 64, 72);
  const native = tokens(nativeMint);
  native.set([1, 0, 0, 0, ...u64(2_039_280n)], 109);
  return new Map([
    account(PAYER, bytes32(0), new Uint8Array()),
    account(OTHER, bytes32(0), new Uint8Array()),
    account(MINT, token, mint),
    account(FROM, token, tokens(MINT)),
    account(TO, token, tokens(MINT)),
    account(FROZEN, token, tokens(MINT, 2)),
    account(NATIVE, token, native),
    account(EMPTY, token, empty),
    account(NEW_MINT, token, new Uint8Array(82)),
    account(NEW_ACCOUNT, token, new Uint8Array(165)),
  ]);
}

/** Accounts and data of an instruction that succeeds; the payer signs, and whoever else has to. */
const SAMPLES = {
  'System CreateAccount': {
    accounts: [PAYER, ABSENT],
    signers: [ABSENT],
    data: [0, 0, 0, 0, ...u64(LAMPORTS / 10n), ...u64(165n), ...OTHER],
  },
  'System Assign': { accounts: [OTHER], signers: [OTHER], data: [1, 0, 0, 0, ...PAYER] },
  'System Allocate': { accounts: [OTHER], signers: [OTHER], data: [8, 0, 0, 0, ...u64(165n)] },
  'System Transfer': { accounts: [PAYER, OTHER], data: [2, 0, 0, 0, ...u64(AMOUNT)] },
  'ComputeBudget SetComputeUnitLimit': { accounts: [], data: [2, ...u64(AMOUNT).subarray(0, 4)] },
  'ComputeBudget SetComputeUnitPrice': { accounts: [], data: [3, ...u64(AMOUNT)] },
  'SPL Token Transfer': { accounts: [FROM, TO, PAYER], data: [3, ...u64(AMOUNT)] },
  'SPL Token Approve': { accounts: [FROM, OTHER, PAYER], data: [4, ...u64(AMOUNT)] },
  'SPL Token Revoke': { accounts: [FROM, PAYER], data: [5] },
  'SPL Token SetAuthority': { accounts: [MINT, PAYER], data: [6, 0, 1, ...OTHER] },
  'SPL Token MintTo': { accounts: [MINT, TO, PAYER], data: [7, ...u64(AMOUNT)] },
  'SPL Token Burn': { accounts: [FROM, MINT, PAYER], data: [8, ...u64(AMOUNT)] },
  'SPL Token CloseAccount': { accounts: [EMPTY, OTHER, PAYER], data: [9] },
  'SPL Token FreezeAccount': { accounts: [FROM, MINT, PAYER], data: [10] },
  'SPL Token ThawAccount': { accounts: [FROZEN, MINT, PAYER], data: [11] },
  'SPL Token TransferChecked': { accounts: [FROM, MINT, TO, PAYER], data: [12, ...u64(AMOUNT), 6] },
  'SPL Token ApproveChecked': { accounts: [FROM, MINT, OTHER, PAYER], data: [13, ...u64(AMOUNT), 6] },
  'SPL Token MintToChecked': { accounts: [MINT, TO, PAYER], data: [14, ...u64(AMOUNT), 6] },
  'SPL Token BurnChecked': { accounts: [FROM, MINT, PAYER], data: [15, ...u64(AMOUNT), 6] },
  'SPL Token SyncNative': { accounts: [NATIVE], data: [17] },
  'SPL Token InitializeAccount3': { accounts: [NEW_ACCOUNT, MINT], data: [18, ...OTHER] },
  'SPL Token InitializeMint2': { accounts: [NEW_MINT], data: [20, 6, ...PAYER, 0] },
  'SPL Token InitializeImmutableOwner': { accounts: [NEW_ACCOUNT], data: [22] },
};

/** The text of docs/coverage.md. */
export async function coverageText(root) {
  const svm = (file) => import(join(root, 'packages/svm/dist', file));
  const { initHashing } = await import(join(root, 'packages/state/dist/index.js'));
  const { decodeBase58 } = await svm('index.js');
  const { COVERAGE } = await svm('coverage.js');
  const { measureTransaction } = await svm('zkvm/measure.js');
  await initHashing();
  const token = decodeBase58(COVERAGE.find(({ name }) => name === 'SPL Token').address);
  const accounts = sampleAccounts(token, decodeBase58('So11111111111111111111111111111111111111112'));
  const get = (address) => accounts.get(Buffer.from(address).toString('hex')) ?? null;
  const usage = (instructions, program) =>
    measureTransaction(messageOf(instructions, program), get).usage.additive;
  const fee = usage([], token);

  const rows = COVERAGE.flatMap(({ name, address, instructions, proved }) =>
    instructions.map(([instruction, number]) => {
      const label = `| ${name} | ${instruction} | ${number} |`;
      if (!proved.has(number)) return `${label} no | | | |\n`;
      const taken = usage([SAMPLES[`${name} ${instruction}`]], decodeBase58(address));
      const of = (limit) => taken[limit] - fee[limit];
      const gates = Object.entries(GATES).reduce((sum, [limit, price]) => sum + price * of(limit), 0);
      return `${label} yes | ${of('machineSteps')} | ${of('accesses')} | ${Math.round(gates / 100) * 100} |\n`;
    }),
  );
  return `<!-- Generated from packages/svm/src/coverage.ts by \`npm run generate\`. Do not edit. -->

# What batches prove

Every other program, and every other instruction of these, is refused before it gets into a block. An instruction that is proved here
is refused too where its execution takes a way that is not proved: [ARCHITECTURE.md](../ARCHITECTURE.md) says which. Steps and accesses
of memory are those of one instruction that succeeds; the gates are an estimate of its execution, from the prices in [zkvm.md](zkvm.md),
without its data, its accounts' way through the state tree, and the pages of code that a batch pays for once.

| program | instruction | number | proved | steps | accesses | gates |
| --- | --- | ---: | --- | ---: | ---: | ---: |
${rows.join('')}`;
}

/** Of the payer, with all accounts writable. */
function messageOf(instructions, program) {
  const signers = [PAYER, ...instructions.flatMap((instruction) => instruction.signers ?? [])];
  const used = instructions.flatMap(({ accounts }) => accounts);
  const accountKeys = [...new Set([...signers, ...used, program])];
  return {
    version: 'legacy',
    header: {
      numRequiredSignatures: signers.length,
      numReadonlySignedAccounts: 0,
      numReadonlyUnsignedAccounts: 1,
    },
    accountKeys,
    recentBlockhash: bytes32(0),
    instructions: instructions.map(({ accounts, data }) => ({
      programIdIndex: accountKeys.indexOf(program),
      accountIndexes: Uint8Array.from(accounts, (account) => accountKeys.indexOf(account)),
      data: Uint8Array.from(data),
    })),
    addressTableLookups: [],
  };
}
