import { createHash } from 'node:crypto';
import { decodeBase58 } from '../../src/base58.js';

export const TOKEN = decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const NATIVE_MINT = decodeBase58('So11111111111111111111111111111111111111112');
const SYSTEM = new Uint8Array(32);

export interface TestAccount {
  address: Uint8Array;
  owner: Uint8Array;
  lamports: bigint;
  data: Uint8Array;
}

export interface AccountUse {
  address: Uint8Array;
  signer: boolean;
  writable: boolean;
}

export interface Scenario {
  name: string;
  succeeds: boolean;
  accounts: TestAccount[];
  uses: AccountUse[];
  data: Uint8Array;
}

export const named = (name: string) => Uint8Array.from(createHash('sha256').update(name).digest());
export const PAYER = named('payer');
const OTHER = named('other');
const MINT = named('mint');
const FROM = named('from');
const TO = named('to');

const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};
const tag = (number: number, ...parts: Uint8Array[]) => Buffer.concat([Buffer.from([number]), ...parts]);

function mint(supply: bigint, authority: Uint8Array | null = PAYER): TestAccount {
  const data = Buffer.alloc(82);
  if (authority !== null) {
    data.writeUInt32LE(1, 0);
    data.set(authority, 4);
  }
  data.writeBigUInt64LE(supply, 36);
  data[44] = 6;
  data[45] = 1;
  return { address: MINT, owner: TOKEN, lamports: 10n ** 9n, data };
}

function token(
  address: Uint8Array,
  amount: bigint,
  options: {
    owner?: Uint8Array;
    delegate?: Uint8Array;
    delegated?: bigint;
    native?: bigint;
    mint?: Uint8Array;
  } = {},
): TestAccount {
  const data = Buffer.alloc(165);
  data.set(options.mint ?? MINT, 0);
  data.set(options.owner ?? PAYER, 32);
  data.writeBigUInt64LE(amount, 64);
  if (options.delegate !== undefined) {
    data.writeUInt32LE(1, 72);
    data.set(options.delegate, 76);
    data.writeBigUInt64LE(options.delegated ?? 0n, 121);
  }
  data[108] = 1;
  if (options.native !== undefined) {
    data.writeUInt32LE(1, 109);
    data.writeBigUInt64LE(options.native, 113);
  }
  return { address, owner: TOKEN, lamports: 2_039_280n + (options.native === undefined ? 0n : amount), data };
}

const wallet = (address: Uint8Array): TestAccount => ({
  address,
  owner: SYSTEM,
  lamports: 10n ** 12n,
  data: new Uint8Array(0),
});
const blank = (address: Uint8Array, bytes: number): TestAccount => ({
  address,
  owner: TOKEN,
  lamports: 10n ** 9n,
  data: new Uint8Array(bytes),
});
const write = (address: Uint8Array): AccountUse => ({ address, signer: false, writable: true });
const read = (address: Uint8Array): AccountUse => ({ address, signer: false, writable: false });
const sign = (address: Uint8Array): AccountUse => ({ address, signer: true, writable: address === PAYER });

const FUNDED = 10n ** 10n;
const standard = () => [
  mint(10n ** 15n),
  token(FROM, FUNDED),
  token(TO, FUNDED, { owner: OTHER }),
  wallet(PAYER),
];

/** What wallets do with the token program, and ways in which it fails. */
export const SCENARIOS: Scenario[] = [
  ...transfers(),
  {
    name: 'initializeMint2',
    succeeds: true,
    accounts: [blank(MINT, 82), wallet(PAYER)],
    uses: [write(MINT)],
    data: tag(20, Buffer.from([6]), PAYER, Buffer.from([1]), OTHER),
  },
  {
    name: 'initializeMint2 without freeze authority',
    succeeds: true,
    accounts: [blank(MINT, 82), wallet(PAYER)],
    uses: [write(MINT)],
    data: tag(20, Buffer.from([9]), PAYER, Buffer.from([0])),
  },
  {
    name: 'initializeMint2 of a mint that there is',
    succeeds: false,
    accounts: [mint(1n), wallet(PAYER)],
    uses: [write(MINT)],
    data: tag(20, Buffer.from([6]), PAYER, Buffer.from([0])),
  },
  {
    name: 'initializeAccount3',
    succeeds: true,
    accounts: [mint(1n), blank(TO, 165), wallet(PAYER)],
    uses: [write(TO), read(MINT)],
    data: tag(18, OTHER),
  },
  {
    name: 'initializeAccount3 that is too small',
    succeeds: false,
    accounts: [mint(1n), blank(TO, 164), wallet(PAYER)],
    uses: [write(TO), read(MINT)],
    data: tag(18, OTHER),
  },
  {
    name: 'mintTo',
    succeeds: true,
    accounts: standard(),
    uses: [write(MINT), write(TO), sign(PAYER)],
    data: tag(7, u64(1_000n)),
  },
  {
    name: 'mintTo of a fixed supply',
    succeeds: false,
    accounts: [mint(10n ** 15n, null), token(TO, 5n), wallet(PAYER)],
    uses: [write(MINT), write(TO), sign(PAYER)],
    data: tag(7, u64(1_000n)),
  },
  {
    name: 'burn',
    succeeds: true,
    accounts: standard(),
    uses: [write(FROM), write(MINT), sign(PAYER)],
    data: tag(8, u64(77n)),
  },
  {
    name: 'burn of more than there is',
    succeeds: false,
    accounts: standard(),
    uses: [write(FROM), write(MINT), sign(PAYER)],
    data: tag(8, u64(FUNDED + 1n)),
  },
  {
    name: 'approve',
    succeeds: true,
    accounts: [...standard(), wallet(OTHER)],
    uses: [write(FROM), read(OTHER), sign(PAYER)],
    data: tag(4, u64(500n)),
  },
  {
    name: 'revoke',
    succeeds: true,
    accounts: [mint(1n), token(FROM, FUNDED, { delegate: OTHER, delegated: 9n }), wallet(PAYER)],
    uses: [write(FROM), sign(PAYER)],
    data: tag(5),
  },
  {
    name: 'setAuthority',
    succeeds: true,
    accounts: standard(),
    uses: [write(MINT), sign(PAYER)],
    data: tag(6, Buffer.from([0, 1]), OTHER),
  },
  {
    name: 'setAuthority to nobody',
    succeeds: true,
    accounts: standard(),
    uses: [write(MINT), sign(PAYER)],
    data: tag(6, Buffer.from([0, 0])),
  },
  {
    name: 'closeAccount',
    succeeds: true,
    accounts: [mint(1n), token(FROM, 0n), wallet(PAYER)],
    uses: [write(FROM), write(PAYER), sign(PAYER)],
    data: tag(9),
  },
  {
    name: 'closeAccount that holds tokens',
    succeeds: false,
    accounts: [mint(1n), token(FROM, 1n), wallet(PAYER)],
    uses: [write(FROM), write(PAYER), sign(PAYER)],
    data: tag(9),
  },
  {
    name: 'syncNative',
    succeeds: true,
    accounts: [
      { ...token(FROM, 5n, { native: 2_039_280n, mint: NATIVE_MINT }), lamports: 3_000_000n },
      wallet(PAYER),
    ],
    uses: [write(FROM)],
    data: tag(17),
  },
];

function transfers(): Scenario[] {
  const transfer = (
    name: string,
    succeeds: boolean,
    amount: bigint,
    rest: Partial<Scenario> = {},
  ): Scenario => ({
    name,
    succeeds,
    accounts: standard(),
    uses: [write(FROM), write(TO), sign(PAYER)],
    data: tag(3, u64(amount)),
    ...rest,
  });
  return [
    transfer('transfer', true, 77n),
    transfer('transfer of all', true, FUNDED),
    transfer('transfer of more than there is', false, FUNDED + 1n),
    transfer('transfer to itself', true, 5n, { uses: [write(FROM), write(FROM), sign(PAYER)] }),
    transfer('transfer by a delegate', true, 5n, {
      accounts: [
        mint(1n),
        token(FROM, FUNDED, { owner: OTHER, delegate: PAYER, delegated: 9n }),
        token(TO, 0n),
        wallet(PAYER),
      ],
    }),
    transfer('transfer by a stranger', false, 5n, {
      accounts: [mint(1n), token(FROM, FUNDED, { owner: OTHER }), token(TO, 0n), wallet(PAYER)],
    }),
    transfer('transferChecked', true, 77n, {
      uses: [write(FROM), read(MINT), write(TO), sign(PAYER)],
      data: tag(12, u64(77n), Buffer.from([6])),
    }),
    transfer('transferChecked with other decimals', false, 77n, {
      uses: [write(FROM), read(MINT), write(TO), sign(PAYER)],
      data: tag(12, u64(77n), Buffer.from([7])),
    }),
  ];
}
