interface HarmlessChange {
  value: bigint;
  index: number;
  inner: number;
  inputs: Row;
  stays: readonly boolean[];
}

/** A change that a circuit accepts, and that says nothing else. */
export interface Harmless {
  because: string;
  /**
   * @param row - of the outermost array that the column is in, before the change
   * @param change - `value`: the new one; `index`: of the row; `inner`: of the innermost array; `inputs`: all of them,
   *   before the change; `stays`: of each account, whether it exists before and after
   */
  where: (row: Row, change: HarmlessChange) => boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: rows of all tables, whose fields are what the circuit's sources say.
type Row = any;

/** Kinds of rows: see row.nr. */
const [FEE, PROGRAM, TRANSFER, CHANGE] = [1, 2, 3, 6];
const CREATE_BYTES = 52;
const kind = (row: Row) => Number(row.kind);
const is = (row: Row, ...kinds: number[]) => kinds.includes(kind(row));
/** Kinds of rights: see rights.nr. */
const KINDS_OF_USES = [1, 2, 3, 4, 8, 9];
const KIND_OF_PAGES = 7;
const hasKind = ({ kinds }: Row, ...of: number[]) => of.some((number) => kinds[number]);
const isCrowded = (siblings: string[]) => siblings.filter((sibling) => BigInt(sibling) !== 0n).length > 1;

/** By columns. Whatever is not here must not be changed anywhere where it is in use. */
export const HARMLESS: Record<string, Harmless> = {
  'batch.hints.accounts_of[].account': {
    because: 'a value that is no account has none',
    where: ({ is_account }) => !is_account,
  },
  'batch.transactions.rows[].program': {
    because: 'only an instruction of a program has one',
    where: (row) => !is(row, PROGRAM),
  },
  'batch.transactions.rows[].amount': {
    because: 'only fees, transfers and new accounts have one',
    where: (row) => !is(row, FEE, TRANSFER) && !(is(row, CHANGE) && Number(row.data_bytes) === CREATE_BYTES),
  },
  'batch.transactions.rows[].limit': {
    because: 'it is said where a transaction begins',
    where: (row) => !is(row, FEE),
  },
  'batch.transactions.rows[].fails': {
    because: 'it is said where a transaction begins',
    where: (row) => !is(row, FEE),
  },
  'batch.transactions.outcomes[].result': {
    because: 'what fees and settings come to, nobody asks',
    where: (_, { inputs, index }) => !is(inputs.batch.transactions.rows[index], PROGRAM, TRANSFER, CHANGE),
  },
  'batch.transactions.outcomes[].saved': {
    because: 'words are saved where a transaction begins that fails',
    where: (_, { inputs, index }) => !inputs.batch.transactions.rows[index].fails,
  },
  'batch.transactions.changes[].lamports[]': {
    because: 'an account gets some where it is created',
    where: ({ creates }) => !creates,
  },
  'batch.transactions.changes[].space[]': {
    because: 'an account gets some where it is created or allocated',
    where: ({ creates, allocates }) => !creates && !allocates,
  },
  'batch.transactions.changes[].large': {
    because: 'an account gets space where it is created or allocated',
    where: ({ creates, allocates }) => !creates && !allocates,
  },
  'batch.transactions.changes[].owner[]': {
    because: 'an account gets one where it is created or assigned',
    where: ({ creates, assigns }) => !creates && !assigns,
  },
  'batch.transactions.changes[].rows': {
    because: 'there may be more room than the data needs',
    where: ({ rows }, { value }) => value > BigInt(rows),
  },
  'batch.transactions.balances[].poor': {
    because: 'an account that is closed leaves nothing; of another one that is said to be poor more is asked',
    where: ({ poor, closing, before, after }) =>
      Number(closing) !== 0 || (!poor && BigInt(after.lamports) >= BigInt(before.lamports)),
  },
  'batch.transactions.rights[].usage': {
    because: 'rights of some kinds are to no account',
    where: (row) => !hasKind(row, ...KINDS_OF_USES),
  },
  'batch.transactions.rights[].page': {
    because: 'rights of one kind only are to a page',
    where: (row) => !hasKind(row, KIND_OF_PAGES),
  },
  'batch.transactions.windows[].words': {
    because: 'there may be more room than is used, up to the next window',
    where: ({ words }, { value }) => value > BigInt(words),
  },
  'batch.machine.accesses.words[].word': {
    because: 'what the register holds that is loaded to, the first half of a load says',
    where: ({ second, stores }) => second && !stores,
  },
  'batch.shapes[].rows': {
    because: 'there may be more room behind the last account than its data needs',
    where: ({ rows }, { value, index, inputs }) =>
      value > BigInt(rows) && index === Number(inputs.batch.account_count) - 1,
  },
  'batch.hash_rows[].account': {
    because: 'rows go on with the account that the first one is of',
    where: ({ first }) => !first,
  },
  'batch.places[].other[]': {
    because:
      'it does not matter where the account stays, nor among several siblings; a leaf has a key and a value',
    where: ({ siblings, other_is_leaf }, { index, inner, stays }) =>
      stays[index] || isCrowded(siblings) || (other_is_leaf && inner >= 2),
  },
  'batch.places[].other_is_leaf': {
    because: 'what is beside an account does not matter where it stays',
    where: (_, { index, stays }) => stays[index]!,
  },
  'batch.places[].absent_depth': {
    because: 'a leaf has one that moves',
    where: ({ other_is_leaf }) => !other_is_leaf,
  },
  'batch.places[].other_rest': {
    because: 'a leaf has one that moves',
    where: ({ other_is_leaf }) => !other_is_leaf,
  },
  'statement.key_set_root': {
    because: 'a batch circuit passes it on to those that aggregate',
    where: () => true,
  },
  'calls.calls[].signer': {
    because: 'a call has one that signs with seeds',
    where: ({ signs }) => !signs,
  },
  'derivations.derivations[].seeds[]': {
    because: 'what is behind the seeds is not hashed',
    where: ({ length }, { inner }) => inner >= Number(length),
  },
};
