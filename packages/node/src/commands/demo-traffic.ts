import { rentExemptMinimum } from '@polyproof/svm';
import { type KeyPairSigner, lamports } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import {
  getInitializeAccount3Instruction,
  getInitializeMint2Instruction,
  getMintSize,
  getMintToInstruction,
  getTokenSize,
  getTransferCheckedInstruction,
  getTransferInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from '@solana-program/token';
import { developmentKeypair, type Keypair } from '../development-keys.js';
import { signerOf, signTransaction, signTransfer } from '../sign-transaction.js';

const DECIMALS = 6;
const TOKENS = 1_000_000_000n;

/** Transactions of a token: it is made, wallets get accounts of it, and send each other tokens and lamports. */
export class DemoTraffic {
  readonly #wallets: readonly Keypair[];
  readonly #mint = developmentKeypair('demo mint');
  #next = 0;

  /** @param options - `wallets`: at least two, with lamports; the first one makes the token */
  constructor(options: { wallets: readonly Keypair[] }) {
    this.#wallets = options.wallets;
  }

  /** Makes the token: wire transactions. */
  async makeToken(blockhash: string): Promise<Uint8Array[]> {
    const authority = this.#wallets[0]!;
    const [payer, mint] = await Promise.all([authority, this.#mint].map(signerOf));
    const instructions = [
      createAccount(payer!, mint!, getMintSize()),
      getInitializeMint2Instruction({
        mint: mint!.address,
        decimals: DECIMALS,
        mintAuthority: payer!.address,
      }),
    ];
    return [await signTransaction({ payer: authority, instructions, blockhash })];
  }

  /** Opens an account of the token for each wallet, with tokens in it: wire transactions. */
  openAccounts(blockhash: string): Promise<Uint8Array[]> {
    const authority = this.#wallets[0]!;
    return Promise.all(
      this.#wallets.map(async (wallet) => {
        const [payer, mint, owner, account] = await Promise.all(
          [authority, this.#mint, wallet, tokenAccountOf(wallet)].map(signerOf),
        );
        const instructions = [
          createAccount(payer!, account!, getTokenSize()),
          getInitializeAccount3Instruction({
            account: account!.address,
            mint: mint!.address,
            owner: owner!.address,
          }),
          getMintToInstruction({
            mint: mint!.address,
            token: account!.address,
            mintAuthority: payer!,
            amount: TOKENS,
          }),
        ];
        return signTransaction({ payer: authority, instructions, blockhash });
      }),
    );
  }

  /** Three transfers of tokens, then one of lamports, and so on: wire transactions. */
  async transfers(count: number, blockhash: string): Promise<Uint8Array[]> {
    const transactions: Uint8Array[] = [];
    for (const last = this.#next + count; this.#next < last; this.#next++) {
      const i = this.#next;
      const from = this.#wallets[i % this.#wallets.length]!;
      const to = this.#wallets[(3 * i + 1) % this.#wallets.length]!;
      transactions.push(
        i % 4 === 3
          ? await signTransfer({ from, to, lamports: BigInt(1_000_000 + i), blockhash })
          : await this.#checkedTransfer(from, to, BigInt(1_000 + i), blockhash),
      );
    }
    return transactions;
  }

  /** Transfers of tokens only, by the instruction that does not name the mint, each wallet to the next: wire transactions. */
  async tokenTransfers(count: number, blockhash: string): Promise<Uint8Array[]> {
    const transactions: Uint8Array[] = [];
    for (const last = this.#next + count; this.#next < last; this.#next++) {
      const i = this.#next;
      const from = this.#wallets[i % this.#wallets.length]!;
      const to = this.#wallets[(i + 1) % this.#wallets.length]!;
      const [owner, source, destination] = await Promise.all(
        [from, tokenAccountOf(from), tokenAccountOf(to)].map(signerOf),
      );
      const transfer = getTransferInstruction({
        source: source!.address,
        destination: destination!.address,
        authority: owner!,
        amount: BigInt(1_000 + i),
      });
      transactions.push(await signTransaction({ payer: from, instructions: [transfer], blockhash }));
    }
    return transactions;
  }

  async #checkedTransfer(from: Keypair, to: Keypair, amount: bigint, blockhash: string): Promise<Uint8Array> {
    const [owner, source, destination, mint] = await Promise.all(
      [from, tokenAccountOf(from), tokenAccountOf(to), this.#mint].map(signerOf),
    );
    const transfer = getTransferCheckedInstruction({
      source: source!.address,
      mint: mint!.address,
      destination: destination!.address,
      authority: owner!,
      amount,
      decimals: DECIMALS,
    });
    return signTransaction({ payer: from, instructions: [transfer], blockhash });
  }
}

function createAccount(payer: KeyPairSigner, newAccount: KeyPairSigner, bytes: number) {
  return getCreateAccountInstruction({
    payer,
    newAccount,
    lamports: lamports(rentExemptMinimum(bytes)),
    space: bytes,
    programAddress: TOKEN_PROGRAM_ADDRESS,
  });
}

function tokenAccountOf({ name }: Keypair): Keypair {
  return developmentKeypair(`${name}: tokens`);
}
