import { createHash, sign } from 'node:crypto';
import { fieldToHex, fromHex, littleEndian, toHex } from '@polyproof/base';
import {
  type Account,
  accountDataHash,
  accountKey,
  accountValue,
  initHashing,
  MemoryNodeStore,
  StateTree,
} from '@polyproof/state';
import {
  ed25519KeyPair,
  forcedBatchData,
  forcedMessage,
  LAMPORTS_PER_SIGNATURE,
  RENT_EXEMPT_MINIMUM,
  SYSTEM_PROGRAM,
} from '@polyproof/svm';
import { encodeAbiParameters, keccak256 } from 'viem';

/** Where the forge tests put the inbox, and their chain. */
const INBOX = '0x00000000000000000000000000000000000f0ced';
const CHAIN_ID = 31_337n;
const RECIPIENT = '0x00000000000000000000000000000000000a11ce';
const FIRST_LAMPORTS = 1_000_000n;

const seed = (name: string) => createHash('sha256').update(`forced inbox: ${name}`).digest();
const wallet = (name: string) => ed25519KeyPair(seed(name));

/** What contracts/test/ForcedInbox*.sol compare with: signed messages, their batches, and proofs of accounts. */
export async function forcedInboxVectors() {
  await initHashing();
  return {
    source: 'packages/node/test/forced-inbox-vectors.ts, from the code of packages/svm and packages/state',
    withdrawals: ['rich', 'poor'].map((name) => withdrawalsOf(name)),
    accounts: accountProofs(),
  };
}

function withdrawalsOf(name: string) {
  const { address: publicKey, privateKey } = wallet(name);
  const signed = Array.from({ length: 4 }, (_, nonce) => {
    const message = messageOf(publicKey, FIRST_LAMPORTS + BigInt(nonce), BigInt(nonce));
    return { message, signature: sign(null, message, privateKey), batch: forcedBatchData(message) };
  });
  return {
    payer: toHex(publicKey),
    messages: signed.map(({ message }) => toHex(message)),
    rs: signed.map(({ signature }) => toHex(signature.subarray(0, 32))),
    ss: signed.map(({ signature }) => toHex(signature.subarray(32))),
    batches: signed.map(({ batch }) => toHex(batch)),
  };
}

function messageOf(payer: Uint8Array, lamports: bigint, nonce: bigint): Uint8Array {
  const blockhash = keccak256(
    encodeAbiParameters(
      ['string', 'uint256', 'address', 'bytes32', 'uint64'].map((type) => ({ type })),
      ['polyproof:forced', CHAIN_ID, INBOX, toHex(payer), nonce],
    ),
  );
  return forcedMessage({ payer, recipient: fromHex(RECIPIENT), lamports, blockhash: fromHex(blockhash) });
}

/** Accounts of one tree that can pay and that cannot, and addresses that are not in it. */
function accountProofs() {
  const owner = seed('a program');
  const plain = (lamports: bigint): Account => ({
    lamports,
    data: new Uint8Array(),
    owner: SYSTEM_PROGRAM,
    executable: false,
    rentEpoch: 2n ** 64n - 1n,
  });
  const fee = LAMPORTS_PER_SIGNATURE;
  const least = fee + RENT_EXEMPT_MINIMUM;
  const cases: [name: string, account: Account, canPay: boolean][] = [
    ['rich', plain(10n ** 12n), true],
    ['fee', plain(fee), true],
    ['least', plain(least), true],
    ['poor', plain(fee + 1n), false],
    ['below fee', plain(fee - 1n), false],
    ['below least', plain(least - 1n), false],
    ['data', { ...plain(10n ** 12n), data: new Uint8Array(80).fill(3) }, false],
    ['owner', { ...plain(10n ** 12n), owner }, false],
    ['owner, last byte', { ...plain(10n ** 12n), owner: Uint8Array.from(SYSTEM_PROGRAM).fill(9, 31) }, false],
    ['executable', { ...plain(10n ** 12n), executable: true }, false],
  ];
  const tree = new StateTree(new MemoryNodeStore(), 0n);
  const others = Array.from({ length: 60 }, (_, i) => [`other ${i}`, plain(10n ** 9n + BigInt(i))] as const);
  tree.update(
    new Map(
      [...cases, ...others].map(([name, account]) => [
        accountKey(wallet(name).address),
        accountValue(account),
      ]),
    ),
  );
  const absent = Array.from({ length: 12 }, (_, i) => [`absent ${i}`, undefined, false] as const);
  const proofs = [...cases, ...absent].map(([name, account, canPay]) => {
    const { siblings, terminal } = tree.prove(accountKey(wallet(name).address));
    const shown = account === undefined ? [0n, 0n, 0n] : valueFields(account);
    const leaf = terminal.kind === 'leaf' ? [terminal.key, terminal.value] : [0n, 0n];
    return { name, canPay, siblings: siblings.flat(), fields: [...leaf, ...shown] };
  });
  const counts = proofs.map(({ siblings }) => siblings.length / 3);
  return {
    root: fieldToHex(tree.root),
    names: proofs.map(({ name }) => name),
    addresses: proofs.map(({ name }) => toHex(wallet(name).address)),
    canPay: proofs.map(({ canPay }) => canPay),
    levels: counts,
    siblings: proofs.flatMap(({ siblings }) => siblings.map(fieldToHex)),
    // of each: key and value of the leaf, meta, owner and data hash of the account
    fields: proofs.flatMap(({ fields }) => fields.map(fieldToHex)),
  };
}

function valueFields({ lamports, rentEpoch, data, executable, owner }: Account): bigint[] {
  const meta =
    lamports +
    (rentEpoch << 64n) +
    (BigInt(data.length) << 128n) +
    (BigInt(executable) << 192n) +
    (BigInt(owner[31]!) << 200n) +
    (8n << 208n);
  return [meta, littleEndian(owner.subarray(0, 31)), accountDataHash(data)];
}
