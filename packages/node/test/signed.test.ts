import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import { finalKeySetRoot, UltraHonk, withKeySet } from '@polyproof/proofs';
import { decodeTransaction, encodeBase58, signatureCircuitInputs } from '@polyproof/svm';
import { Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEAVY } from '../../../circuits/test/heavy.js';
import {
  type Devnet,
  developmentKeypair,
  processStatelessExecutor,
  verifiedSequences,
  WitnessBatchSource,
} from '../src/index.js';
import { startProvingDevnet } from './support/proving-devnet.js';

// A rollup whose signatures are proved, from a transaction of two signers to the base chain. Its circuits take many minutes.

let directory: string;
let devnet: Devnet;

describe.runIf(HEAVY)('a local network whose signatures are proved', () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'polyproof-signed-'));
    devnet = await startProvingDevnet(directory, { accounts: 2, signatures: 'proved' });
  }, 7_200_000);

  afterAll(async () => {
    await devnet?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('verifies a sequence with its signatures, and nobody proves a forged one', async () => {
    const { sequencer, bank, artifacts } = devnet;
    const [payer, other] = [1, 2].map((i) =>
      Keypair.fromSecretKey(developmentKeypair(`account ${i}`).secretKey),
    );
    const to = Keypair.generate().publicKey;
    const transaction = new Transaction({
      feePayer: payer!.publicKey,
      recentBlockhash: encodeBase58(bank.latestBlockhash),
    });
    for (const { publicKey: fromPubkey } of [payer!, other!])
      transaction.add(SystemProgram.transfer({ fromPubkey, toPubkey: to, lamports: 2_000_000 }));
    transaction.sign(payer!, other!);
    const wire = decodeTransaction(transaction.serialize());
    await bank.produceBlock([bank.resolve(wire)]);
    const batch = (await sequencer.closeBatch())!;
    expect(bank.getWitness(batch.number)!.signatures).toEqual([wire.signatures]);
    await sequencer.submitSequence();

    await devnet.provers.ready;
    const [report] = await verifiedSequences(devnet, 1, 3_600_000);
    expect(report!.proofs.map(({ kind }) => kind).sort()).toEqual(['batch', 'final', 'signatures']);
    expect(finalKeySetRoot(artifacts)).not.toBe(artifacts.keySetRoot);

    // A sequencer that has no signature of the second account.
    const witness = bank.getWitness(batch.number)!;
    const forged = { ...witness, signatures: [[wire.signatures[0]!, wire.signatures[0]!]] };
    const stateless = processStatelessExecutor({ logger: silentLogger });
    const system = await UltraHonk.open({ artifacts }, { logger: silentLogger });
    try {
      const source = new WitnessBatchSource({ artifacts }, { bank: { getWitness: () => forged }, stateless });
      await expect(source.getSignatureInputs(batch.number)).rejects.toMatchObject({
        code: 'WRONG_SIGNATURES',
      });
      const inputs = withKeySet(artifacts.signed!, signatureCircuitInputs(forged));
      await expect(system.prove('svm_signatures', inputs)).rejects.toMatchObject({ code: 'INPUTS_REFUSED' });
    } finally {
      await system.close();
      await stateless.close();
    }
  }, 7_200_000);
});
