import {
  Connection,
  Keypair,
  LAMPORTS_PER_SOL,
  type Signer,
  sendAndConfirmTransaction,
  Transaction,
  type TransactionInstruction,
} from '@solana/web3.js';

/**
 * What an application on @solana/web3.js 1.x builds around it.
 *
 * The library signs with one blockhash for 30 seconds. That is shorter than 150 of Solana's blocks and longer than
 * 150 of a test's: a test takes a client of its own.
 */
export class Web3Client {
  readonly connection: Connection;

  constructor({ url }: { url: string }) {
    // The websocket is the client's own affair: it looks for it on the next port.
    this.connection = new Connection(url, 'confirmed');
  }

  /** A new key with 100 SOL. */
  async fundedKeypair(): Promise<Keypair> {
    const keypair = Keypair.generate();
    const signature = await this.connection.requestAirdrop(keypair.publicKey, 100 * LAMPORTS_PER_SOL);
    const blockhash = await this.connection.getLatestBlockhash();
    await this.connection.confirmTransaction({ signature, ...blockhash });
    return keypair;
  }

  /** Signs, sends, and waits until the transaction is in a block. The first signer pays. */
  send(signers: Signer[], ...instructions: TransactionInstruction[]): Promise<string> {
    return sendAndConfirmTransaction(this.connection, new Transaction().add(...instructions), signers);
  }

  /** Waits until the slot is over: what a block created can be used from the next on. */
  async nextSlot(): Promise<void> {
    const slot = await this.connection.getSlot();
    await new Promise<void>((resolve) => {
      const id = this.connection.onSlotChange((info) => {
        if (info.slot <= slot) return;
        void this.connection.removeSlotChangeListener(id);
        resolve();
      });
    });
  }
}
