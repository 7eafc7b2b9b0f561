import {
  type Address,
  airdropFactory,
  appendTransactionMessageInstructions,
  assertIsTransactionWithBlockhashLifetime,
  type Commitment,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  createTransactionMessage,
  generateKeyPairSigner,
  getSignatureFromTransaction,
  type Instruction,
  lamports,
  pipe,
  type Signature,
  sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type TransactionSigner,
} from '@solana/kit';

interface Endpoints {
  url: string;
  webSocketUrl: string;
}

/** What an application on @solana/kit builds around it: one payer, and a way to send instructions. */
export class KitClient {
  readonly rpc;
  readonly rpcSubscriptions;
  readonly sendAndConfirm;
  readonly #airdrop;

  constructor({ url, webSocketUrl }: Endpoints) {
    this.rpc = createSolanaRpc(url);
    this.rpcSubscriptions = createSolanaRpcSubscriptions(webSocketUrl);
    const both = { rpc: this.rpc, rpcSubscriptions: this.rpcSubscriptions };
    this.sendAndConfirm = sendAndConfirmTransactionFactory(both);
    this.#airdrop = airdropFactory(both);
  }

  airdrop(recipientAddress: Address, amount: bigint, commitment: Commitment = 'confirmed') {
    return this.#airdrop({ commitment, recipientAddress, lamports: lamports(amount) });
  }

  /** A new key with 100 SOL. */
  async fundedSigner(): Promise<TransactionSigner> {
    const signer = await generateKeyPairSigner();
    await this.airdrop(signer.address, 100_000_000_000n);
    return signer;
  }

  /** A version 0 message with the latest blockhash. */
  async message(payer: TransactionSigner, instructions: readonly Instruction[]) {
    const { value: blockhash } = await this.rpc.getLatestBlockhash().send();
    return pipe(
      createTransactionMessage({ version: 0 }),
      (message) => setTransactionMessageFeePayerSigner(payer, message),
      (message) => setTransactionMessageLifetimeUsingBlockhash(blockhash, message),
      (message) => appendTransactionMessageInstructions(instructions, message),
    );
  }

  async sign(payer: TransactionSigner, instructions: readonly Instruction[]) {
    return signTransactionMessageWithSigners(await this.message(payer, instructions));
  }

  /** Signs, sends, and waits until the transaction is in a block. */
  async send(
    payer: TransactionSigner,
    instructions: readonly Instruction[],
    options: { skipPreflight?: boolean } = {},
  ): Promise<Signature> {
    const transaction = await this.sign(payer, instructions);
    assertIsTransactionWithBlockhashLifetime(transaction);
    await this.sendAndConfirm(transaction, { commitment: 'confirmed', ...options });
    return getSignatureFromTransaction(transaction);
  }
}
