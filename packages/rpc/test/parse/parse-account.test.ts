import { concatBytes, u64le } from '@polyproof/base';
import { decodeBase58 } from '@polyproof/svm';
import { AccountLayout, MintLayout, MultisigLayout } from '@solana/spl-token';
import { PublicKey } from '@solana/web3.js';
import { describe, expect, it } from 'vitest';
import { parseAccount } from '../../src/parse/parse-account.js';
import { TOKEN, TOKEN_2022 } from '../../src/parse/program-ids.js';
import { key, text } from './instructions.js';

const SYSTEM = '11111111111111111111111111111111';
const MINT = 9;

function account(owner: string, data: Uint8Array) {
  return { lamports: 1n, data, owner: decodeBase58(owner), executable: false, rentEpoch: 0n };
}

/** @param mint - data of the only mint there is */
function parse(owner: string, data: Uint8Array, { address = text(1), mint = mintData() } = {}) {
  const bank = {
    getAccount: (wanted: Uint8Array) =>
      Buffer.compare(wanted, key(MINT).toBytes()) === 0 ? account(TOKEN, mint) : undefined,
    unixTimestamp: 31_556_736n,
  };
  return parseAccount(decodeBase58(address), account(owner, data), bank);
}

function mintData(members: Partial<Parameters<typeof MintLayout.encode>[0]> = {}): Uint8Array {
  const data = Buffer.alloc(MintLayout.span);
  MintLayout.encode(
    {
      mintAuthorityOption: 1,
      mintAuthority: key(4),
      supply: 42n,
      decimals: 2,
      isInitialized: true,
      freezeAuthorityOption: 0,
      freezeAuthority: key(5),
      ...members,
    },
    data,
  );
  return data;
}

function accountData(members: Partial<Parameters<typeof AccountLayout.encode>[0]> = {}): Uint8Array {
  const data = Buffer.alloc(AccountLayout.span);
  AccountLayout.encode(
    {
      mint: key(MINT),
      owner: key(3),
      amount: 42n,
      delegateOption: 0,
      delegate: key(6),
      state: 1,
      isNativeOption: 0,
      isNative: 0n,
      delegatedAmount: 0n,
      closeAuthorityOption: 0,
      closeAuthority: key(7),
      ...members,
    },
    data,
  );
  return data;
}

const u16 = (value: number) => Uint8Array.of(value & 0xff, value >> 8);
const tlv = (type: number, data: Uint8Array) => concatBytes(u16(type), u16(data.length), data);
const address = (index: number) => key(index).toBytes();
const NONE = new Uint8Array(32);
const amount = (value: string, uiAmountString: string) => ({
  uiAmount: Number(uiAmountString),
  decimals: 2,
  amount: value,
  uiAmountString,
});

function extendedMint(...extensions: Uint8Array[]): Uint8Array {
  return concatBytes(mintData(), new Uint8Array(165 - 82), Uint8Array.of(1), ...extensions);
}

// Expectations: agave/account-decoder/src/parse_token.rs.
describe('accounts of the token programs', () => {
  const info = {
    mint: text(MINT),
    owner: text(3),
    tokenAmount: amount('42', '0.42'),
    state: 'initialized',
    isNative: false,
  };

  it('token accounts', () => {
    expect(parse(TOKEN, accountData())).toEqual({
      program: 'spl-token',
      parsed: { type: 'account', info },
      space: 165,
    });
    const full = accountData({
      delegateOption: 1,
      delegatedAmount: 7n,
      closeAuthorityOption: 1,
      isNativeOption: 1,
      isNative: 2_039_280n,
      state: 2,
    });
    expect(parse(TOKEN, full)?.parsed).toEqual({
      type: 'account',
      info: {
        ...info,
        state: 'frozen',
        isNative: true,
        rentExemptReserve: amount('2039280', '20392.8'),
        delegate: text(6),
        delegatedAmount: amount('7', '0.07'),
        closeAuthority: text(7),
      },
    });
  });

  it('mints and multisigs', () => {
    expect(parse(TOKEN, mintData())).toEqual({
      program: 'spl-token',
      parsed: {
        type: 'mint',
        info: {
          mintAuthority: text(4),
          supply: '42',
          decimals: 2,
          isInitialized: true,
          freezeAuthority: null,
        },
      },
      space: 82,
    });
    const multisig = Buffer.alloc(MultisigLayout.span);
    MultisigLayout.encode(
      {
        m: 2,
        n: 3,
        isInitialized: true,
        signer1: key(1),
        signer2: key(2),
        signer3: key(3),
        ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`signer${i + 4}`, PublicKey.default])),
      } as unknown as Parameters<typeof MultisigLayout.encode>[0],
      multisig,
    );
    expect(parse(TOKEN_2022, multisig)?.parsed).toEqual({
      type: 'multisig',
      info: {
        numRequiredSigners: 2,
        numValidSigners: 3,
        isInitialized: true,
        signers: [text(1), text(2), text(3)],
      },
    });
  });

  it('are left alone where they are damaged, or their mint is not known', () => {
    expect(parse(TOKEN, accountData({ state: 0 }))).toBeUndefined();
    expect(parse(TOKEN, accountData({ state: 3 as 2 }))).toBeUndefined();
    expect(parse(TOKEN, accountData({ delegateOption: 2 as 1 }))).toBeUndefined();
    expect(parse(TOKEN, accountData({ mint: key(8) }))).toBeUndefined();
    expect(parse(TOKEN, mintData({ isInitialized: false }))).toBeUndefined();
    expect(parse(TOKEN, new Uint8Array(4))).toBeUndefined();
    expect(parse(TOKEN, new Uint8Array(355))).toBeUndefined();
  });

  it('extensions of accounts', () => {
    const data = concatBytes(
      accountData(),
      Uint8Array.of(2),
      tlv(7, new Uint8Array()),
      tlv(8, Uint8Array.of(1)),
      tlv(2, u64le(5n)),
      tlv(11, Uint8Array.of(0, 0)),
    );
    expect(parse(TOKEN_2022, data)).toEqual({
      program: 'spl-token-2022',
      parsed: {
        type: 'account',
        info: {
          ...info,
          extensions: [
            { extension: 'immutableOwner' },
            { extension: 'memoTransfer', state: { requireIncomingTransferMemos: true } },
            { extension: 'transferFeeAmount', state: { withheldAmount: 5n } },
            { extension: 'unparseableExtension' },
          ],
        },
      },
      space: data.length,
    });
  });

  it('extensions of mints', () => {
    const borsh = (value: string) => {
      const bytes = new TextEncoder().encode(value);
      return concatBytes(u16(bytes.length), u16(0), bytes);
    };
    const fee = (bps: number) => concatBytes(u64le(1n), u64le(2n), u16(bps));
    const data = extendedMint(
      tlv(1, concatBytes(address(4), NONE, u64le(9n), fee(50), fee(60))),
      tlv(3, address(4)),
      tlv(6, Uint8Array.of(2)),
      tlv(12, NONE),
      tlv(14, concatBytes(address(4), address(5))),
      tlv(18, concatBytes(NONE, address(1))),
      tlv(
        19,
        concatBytes(
          address(4),
          address(1),
          borsh('Name'),
          borsh('SYM'),
          borsh('uri'),
          Uint8Array.of(1, 0, 0, 0),
          borsh('k'),
          borsh('v'),
        ),
      ),
      tlv(26, concatBytes(address(4), Uint8Array.of(1))),
    );
    const parsed = parse(TOKEN_2022, data)?.parsed as { info: { extensions: unknown[] } };
    const transferFee = (transferFeeBasisPoints: number) => ({
      epoch: 1n,
      maximumFee: 2n,
      transferFeeBasisPoints,
    });
    expect(parsed.info.extensions).toEqual([
      {
        extension: 'transferFeeConfig',
        state: {
          transferFeeConfigAuthority: text(4),
          withdrawWithheldAuthority: null,
          withheldAmount: 9n,
          olderTransferFee: transferFee(50),
          newerTransferFee: transferFee(60),
        },
      },
      { extension: 'mintCloseAuthority', state: { closeAuthority: text(4) } },
      { extension: 'defaultAccountState', state: { accountState: 'frozen' } },
      { extension: 'permanentDelegate', state: { delegate: null } },
      { extension: 'transferHook', state: { authority: text(4), programId: text(5) } },
      { extension: 'metadataPointer', state: { authority: null, metadataAddress: text(1) } },
      {
        extension: 'tokenMetadata',
        state: {
          updateAuthority: text(4),
          mint: text(1),
          name: 'Name',
          symbol: 'SYM',
          uri: 'uri',
          additionalMetadata: [['k', 'v']],
        },
      },
      { extension: 'pausableConfig', state: { authority: text(4), paused: true } },
    ]);
  });

  it('damaged extensions are as good as none', () => {
    const cut = extendedMint(tlv(3, address(4)).subarray(0, 20));
    expect(parse(TOKEN_2022, cut)?.parsed).not.toHaveProperty('info.extensions');
    const padded = extendedMint();
    padded[100] = 1;
    expect(parse(TOKEN_2022, padded)).toBeUndefined();
  });

  it('amounts grow with interest, and with a multiplier', () => {
    const i64 = (value: bigint) => u64le(value);
    const i16 = (value: number) => u16(value);
    // One year at 5 %: agave/account-decoder/src/parse_token.rs, test_ui_token_amount_with_interest.
    const interest = extendedMint(tlv(10, concatBytes(NONE, i64(0n), i16(500), i64(31_556_736n), i16(500))));
    const shown = (mint: Uint8Array, amount: bigint) => {
      const account = parse(TOKEN_2022, accountData({ amount }), { mint })?.parsed as {
        info: { tokenAmount: unknown };
      };
      return account.info.tokenAmount;
    };
    expect(shown(interest, 100n)).toMatchObject({ uiAmountString: '1.05', uiAmount: 1.05 });
    const f64 = (value: number) => new Uint8Array(new Float64Array([value]).buffer);
    const scaled = (effective: bigint) =>
      extendedMint(tlv(25, concatBytes(NONE, f64(2), i64(effective), f64(3))));
    expect(shown(scaled(31_556_737n), 42n)).toMatchObject({ uiAmountString: '0.84', amount: '42' });
    expect(shown(scaled(31_556_736n), 42n)).toMatchObject({ uiAmountString: '1.26' });
  });
});

describe('accounts of native programs', () => {
  it('nonces', () => {
    const nonce = (state: number) =>
      concatBytes(Uint8Array.of(1, 0, 0, 0, state, 0, 0, 0), address(2), address(3), u64le(5_000n));
    expect(parse(SYSTEM, nonce(1))).toEqual({
      program: 'nonce',
      parsed: {
        type: 'initialized',
        info: {
          authority: text(2),
          blockhash: text(3),
          feeCalculator: { lamportsPerSignature: '5000' },
        },
      },
      space: 80,
    });
    expect(parse(SYSTEM, nonce(0))).toBeUndefined();
    expect(parse(SYSTEM, new Uint8Array())).toBeUndefined();
  });

  it('lookup tables', () => {
    const LOOKUP = 'AddressLookupTab1e1111111111111111111111111';
    const meta = (authority: Uint8Array) =>
      concatBytes(Uint8Array.of(1, 0, 0, 0), u64le(2n ** 64n - 1n), u64le(7n), Uint8Array.of(3), authority);
    const table = (authority: Uint8Array, ...addresses: Uint8Array[]) => {
      const head = new Uint8Array(56);
      head.set(meta(authority));
      return concatBytes(head, ...addresses);
    };
    const info = {
      deactivationSlot: '18446744073709551615',
      lastExtendedSlot: '7',
      lastExtendedSlotStartIndex: 3,
    };
    expect(parse(LOOKUP, table(concatBytes(Uint8Array.of(1), address(2)), address(3)))).toEqual({
      program: 'address-lookup-table',
      parsed: { type: 'lookupTable', info: { ...info, authority: text(2), addresses: [text(3)] } },
      space: 88,
    });
    expect(parse(LOOKUP, table(Uint8Array.of(0)))?.parsed).toEqual({
      type: 'lookupTable',
      info: { ...info, addresses: [] },
    });
    expect(parse(LOOKUP, new Uint8Array(56))?.parsed).toEqual({ type: 'uninitialized' });
    expect(parse(LOOKUP, table(Uint8Array.of(0), Uint8Array.of(1)))).toBeUndefined();
  });

  it('the upgradeable loader', () => {
    const V3 = 'BPFLoaderUpgradeab1e11111111111111111111111';
    const of = (...parts: Uint8Array[]) => parse(V3, concatBytes(...parts))?.parsed;
    const u32 = (value: number) => Uint8Array.of(value, 0, 0, 0);
    const elf = Uint8Array.of(1, 2, 3);
    expect(of(u32(2), address(2))).toEqual({ type: 'program', info: { programData: text(2) } });
    expect(of(u32(3), u64le(9n), Uint8Array.of(1), address(2), elf)).toEqual({
      type: 'programData',
      info: { slot: 9n, authority: text(2), data: ['AQID', 'base64'] },
    });
    expect(of(u32(1), Uint8Array.of(0), elf)).toEqual({
      type: 'buffer',
      info: { authority: null, data: ['AQID', 'base64'] },
    });
    expect(of(u32(0))).toEqual({ type: 'uninitialized' });
    expect(of(u32(4))).toBeUndefined();
  });

  it('sysvars', () => {
    const OWNER = 'Sysvar1111111111111111111111111111111111111';
    const at = (address: string, data: Uint8Array) => parse(OWNER, data, { address })?.parsed;
    expect(
      at(
        'SysvarC1ock11111111111111111111111111111111',
        concatBytes(u64le(1n), u64le(2n), u64le(3n), u64le(4n), u64le(5n)),
      ),
    ).toEqual({
      type: 'clock',
      info: {
        slot: 1n,
        epochStartTimestamp: 2n,
        epoch: 3n,
        leaderScheduleEpoch: 4n,
        unixTimestamp: 5n,
      },
    });
    expect(
      at('SysvarS1otHashes111111111111111111111111111', concatBytes(u64le(1n), u64le(7n), address(2))),
    ).toEqual({ type: 'slotHashes', info: [{ slot: 7n, hash: text(2) }] });
    expect(at('SysvarS1otHashes111111111111111111111111111', u64le(2n ** 60n))).toBeUndefined();
    expect(at(text(1), new Uint8Array(40))).toBeUndefined();
  });

  it('of other programs are left alone', () => {
    expect(parse(text(8), new Uint8Array(80))).toBeUndefined();
  });
});
