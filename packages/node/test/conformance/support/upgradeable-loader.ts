import {
  type AccountMeta,
  PublicKey,
  SYSVAR_CLOCK_PUBKEY,
  SYSVAR_RENT_PUBKEY,
  SystemProgram,
  TransactionInstruction,
} from '@solana/web3.js';

export const LOADER = new PublicKey('BPFLoaderUpgradeab1e11111111111111111111111');
/** bytes that the loader puts before the file in a buffer */
export const BUFFER_HEADER = 37;
export const PROGRAM_DATA_HEADER = 45;
/** bytes of a program account */
export const PROGRAM_LENGTH = 36;

const TAG = { INITIALIZE_BUFFER: 0, WRITE: 1, DEPLOY: 2, UPGRADE: 3, CLOSE: 5 } as const;

const writable = (pubkey: PublicKey): AccountMeta => ({ pubkey, isSigner: false, isWritable: true });
const readable = (pubkey: PublicKey): AccountMeta => ({ pubkey, isSigner: false, isWritable: false });
const signer = (pubkey: PublicKey): AccountMeta => ({ pubkey, isSigner: true, isWritable: false });

function instruction(tag: number, keys: AccountMeta[], ...fields: Buffer[]): TransactionInstruction {
  const data = Buffer.concat([u32(tag), ...fields]);
  return new TransactionInstruction({ programId: LOADER, keys, data });
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export const programDataOf = (program: PublicKey): PublicKey =>
  PublicKey.findProgramAddressSync([program.toBuffer()], LOADER)[0];

/** Instructions of the upgradeable loader (`solana_loader_v3_interface`), which @solana/web3.js does not have. */
export const upgradeableLoader = {
  initializeBuffer: (buffer: PublicKey, authority: PublicKey) =>
    instruction(TAG.INITIALIZE_BUFFER, [writable(buffer), readable(authority)]),

  write: (buffer: PublicKey, authority: PublicKey, offset: number, bytes: Buffer) =>
    instruction(TAG.WRITE, [writable(buffer), signer(authority)], u32(offset), u64(bytes.length), bytes),

  deployWithMaxDataLength: (
    accounts: { payer: PublicKey; program: PublicKey; buffer: PublicKey; authority: PublicKey },
    maxDataLength: number,
  ) =>
    instruction(
      TAG.DEPLOY,
      [
        { pubkey: accounts.payer, isSigner: true, isWritable: true },
        writable(programDataOf(accounts.program)),
        writable(accounts.program),
        writable(accounts.buffer),
        readable(SYSVAR_RENT_PUBKEY),
        readable(SYSVAR_CLOCK_PUBKEY),
        readable(SystemProgram.programId),
        signer(accounts.authority),
      ],
      u64(maxDataLength),
    ),

  upgrade: (accounts: { program: PublicKey; buffer: PublicKey; spill: PublicKey; authority: PublicKey }) =>
    instruction(TAG.UPGRADE, [
      writable(programDataOf(accounts.program)),
      writable(accounts.program),
      writable(accounts.buffer),
      writable(accounts.spill),
      readable(SYSVAR_RENT_PUBKEY),
      readable(SYSVAR_CLOCK_PUBKEY),
      signer(accounts.authority),
    ]),

  close: (accounts: { program: PublicKey; recipient: PublicKey; authority: PublicKey }) =>
    instruction(TAG.CLOSE, [
      writable(programDataOf(accounts.program)),
      writable(accounts.recipient),
      signer(accounts.authority),
      writable(accounts.program),
    ]),
};
