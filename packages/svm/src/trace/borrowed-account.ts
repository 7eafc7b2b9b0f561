import { equalBytes } from '@polyproof/base';
import { instructionFault } from './instruction-error.js';
import type { InstructionAccount, TransactionState, WorkingAccount } from './transaction-state.js';

/**
 * An account in the hands of the current instruction's program: what that may change is checked here, as Agave's
 * BorrowedInstructionAccount does.
 */
export class BorrowedAccount {
  readonly account: WorkingAccount;
  readonly meta: InstructionAccount;
  readonly #state: TransactionState;

  /** @param position - among the accounts of the current instruction @throws {VmFault} when it has fewer */
  constructor(state: TransactionState, position: number) {
    const meta = state.frame.accounts[position];
    if (meta === undefined) throw instructionFault('MissingAccount');
    this.meta = meta;
    this.account = state.accounts[meta.index]!;
    this.#state = state;
  }

  get #owned(): boolean {
    const program = this.#state.accounts[this.#state.frame.program]!;
    return equalBytes(program.address, this.account.owner);
  }

  /** @throws {VmFault} when the account is not the program's, is read-only, or holds data */
  setOwner(owner: Uint8Array): void {
    const { account } = this;
    if (!this.#owned || !this.meta.writable || account.data.some((byte) => byte !== 0))
      throw instructionFault('ModifiedProgramId');
    account.owner = Uint8Array.from(owner);
  }

  /** @throws {VmFault} when they are taken from another's account, or the account is read-only */
  setLamports(lamports: bigint): void {
    const { account } = this;
    if (!this.#owned && lamports < account.lamports) throw instructionFault('ExternalAccountLamportSpend');
    if (!this.meta.writable) throw instructionFault('ReadonlyLamportChange');
    this.#state.addLamports(lamports - account.lamports);
    account.lamports = lamports;
  }

  /** @throws {VmFault} as {@link BorrowedAccount.checkResize} */
  setData(data: Uint8Array): void {
    this.checkResize(data.length);
    this.#state.noteResize(this.account.data.length, data.length);
    this.account.data = Uint8Array.from(data);
  }

  /** New bytes are 0. @throws {VmFault} as {@link BorrowedAccount.checkResize} */
  setDataLength(length: number): void {
    this.checkResize(length);
    const { data } = this.account;
    if (data.length === length) return;
    const resized = new Uint8Array(length);
    resized.set(data.subarray(0, length));
    this.#state.noteResize(data.length, length);
    this.account.data = resized;
  }

  /** @throws {VmFault} when the data may not be changed, or not to this length */
  checkResize(length: number): void {
    const before = this.account.data.length;
    this.#state.checkResize(before, length);
    if (!this.meta.writable) throw instructionFault('ReadonlyDataModified');
    if (!this.#owned) throw instructionFault('ExternalAccountDataModified');
  }
}
