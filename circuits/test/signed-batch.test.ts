import { type InputMap, Noir } from '@noir-lang/noir_js';
import { fieldToHex } from '@polyproof/base';
import { initHashing } from '@polyproof/state';
import { chainDataHash, decodeTransaction, encodeProvedData } from '@polyproof/svm';
import { beforeAll, describe, expect, it } from 'vitest';
import { splitPoint } from '../../packages/svm/src/signed/split-point.js';
import { circuitVariant } from './circuit-variant.js';
import { HEAVY } from './heavy.js';
import {
  CIRCUIT,
  inputsOf,
  keypair,
  signatureOf,
  signedData,
  signedTransfers,
  sizeEdits,
  witnessOf,
} from './signed-batch.js';

type Inputs = ReturnType<typeof inputsOf>;

let noir: Noir;
beforeAll(async () => {
  await initHashing();
  noir = new Noir(await circuitVariant(CIRCUIT, sizeEdits));
}, 600_000);

const execute = (inputs: Inputs) => noir.execute(inputs as unknown as InputMap).then(() => 'accepted');

describe.runIf(HEAVY)('svm_signatures accepts', () => {
  it.each<[string, Uint8Array[], number[]?]>([
    [
      'transactions of both formats, of one signer and of several',
      [signedTransfers('legacy', [1], 2), signedTransfers(0, [1, 3], 4), signedTransfers('legacy', [3], 5)],
    ],
    ['three signers', [signedTransfers(0, [1, 2, 3], 4)]],
    ['data whose length takes two bytes', [signedData(1, 130)]],
    ['data without a byte', [signedData(1, 0)]],
    ['deposits behind the messages', [signedTransfers(0, [1], 2)], [5_000_000, 6_000_000]],
    ['deposits alone', [], [5_000_000]],
    ...[93, 94, 95, 96, 101, 102].map((bytes): [string, Uint8Array[]] => [
      `${bytes} bytes of data, around the end of a block`,
      [signedData(1, bytes)],
    ]),
  ])(
    '%s',
    async (_, transactions, deposits) => {
      await expect(execute(inputsOf(witnessOf(transactions, deposits)))).resolves.toBe('accepted');
    },
    120_000,
  );
});

describe.runIf(HEAVY)('svm_signatures refuses', () => {
  const transactions = [signedTransfers('legacy', [1], 2), signedTransfers(0, [2, 3], 4)];
  const honest = () => witnessOf(transactions);
  const changed = async (change: (inputs: Inputs) => void, inputs = inputsOf(honest())) => {
    change(inputs);
    return execute(inputs);
  };
  const forged = (transaction: number, signer: number, signature: Uint8Array) => {
    const witness = honest();
    witness.signatures[transaction]![signer] = signature;
    return inputsOf(witness);
  };

  it('and accepts what nobody changed', async () => {
    await expect(changed(() => {})).resolves.toBe('accepted');
  }, 60_000);

  it('a signature of another message, and one by another key', async () => {
    const other = Uint8Array.of(1, 2, 3);
    const { messageBytes } = decodeTransaction(transactions[1]!);
    for (const signer of [0, 1])
      await expect(execute(forged(1, signer, signatureOf(2 + signer, other)))).rejects.toThrow(
        /the sum of all signatures/,
      );
    await expect(execute(forged(1, 1, signatureOf(5, messageBytes)))).rejects.toThrow(/the sum of all/);
  }, 60_000);

  it("somebody else's key for that of a signer", async () => {
    const { messageBytes } = decodeTransaction(transactions[1]!);
    const inputs = forged(1, 1, signatureOf(5, messageBytes));
    const bytes = keypair(5).publicKey.toBytes();
    await expect(
      changed(({ batch }) => {
        batch.keys[2] = { bytes: [...bytes], split: splitPoint(bytes) };
      }, inputs),
    ).rejects.toThrow(/not by the key of its signer/);
  }, 60_000);

  it('a transaction without a signature, and a signer without one', async () => {
    const without = ({ batch }: Inputs, rows: number, none = '3') => {
      for (let i = rows; i < 4; i++) {
        batch.transaction_of_signature[i] = none;
        batch.signatures[i] = batch.signatures[0]!;
        batch.last_blocks[i] = batch.last_blocks[0]!;
      }
      batch.signature_of_block = batch.signature_of_block.map((row) => (Number(row) < rows ? row : '4'));
    };
    for (const rows of [0, 1, 2])
      await expect(changed((inputs) => without(inputs, rows))).rejects.toThrow(/assert_max_bit_size/);
  }, 60_000);

  it("a digest that is not the message's, but another one's", async () => {
    await expect(
      changed(({ batch }) => {
        batch.last_blocks[1] = batch.last_blocks[0]!;
      }),
    ).rejects.toThrow(/not that of a message's last block/);
    await expect(
      changed(({ batch }) => {
        batch.signature_of_block[0] = '1';
      }),
    ).rejects.toThrow(/assert_max_bit_size/);
  }, 60_000);

  it('other data, another batch, or more than signatures say', async () => {
    const data = encodeProvedData([[decodeTransaction(transactions[0]!).messageBytes]], []);
    await expect(
      changed(({ statement }) => {
        statement.new_data_hash = fieldToHex(chainDataHash(0x1234n, data));
      }),
    ).rejects.toThrow(/data hash/);
    await expect(
      changed(({ statement }) => {
        statement.last_batch = fieldToHex(8n);
      }),
    ).rejects.toThrow(/a proof of signatures is of one batch/);
    for (const part of ['prev_state_root', 'new_state_root', 'exit_root', 'config_hash'])
      await expect(
        changed(({ statement }) => {
          statement[part] = fieldToHex(1n);
        }),
      ).rejects.toThrow(/signatures say nothing of state/);
  }, 60_000);

  // places in the stream: the first message begins at byte 64; the second, of version 0, two blocks behind it
  const first = 64;
  const second = 2 * 128 + 64;
  const instructionAt = (message: number) => {
    const { message: read, messageBytes } = decodeTransaction(transactions[message]!);
    const versioned = read.version === 0 ? 1 : 0;
    return { at: versioned + 4 + 32 * (read.accountKeys.length + 1), length: messageBytes.length };
  };
  it.each<[string, number, RegExp]>([
    ['the version', second, /version of a message/],
    ['the number of signers', first, /header of a message/],
    ['the number of read-only signers', first + 1, /header of a message/],
    ['the number of keys', second + 4, /header of a message/],
    ['a key', first + 4 + 40, /a key or blockhash of a message/],
    ['the blockhash', first + instructionAt(0).at - 1, /a key or blockhash of a message/],
    ['the number of instructions', first + instructionAt(0).at, /number of instructions of a message/],
    ['the program', first + instructionAt(0).at + 1, /an instruction of a message/],
    ['the number of accounts', first + instructionAt(0).at + 2, /an instruction of a message/],
    ['an account', first + instructionAt(0).at + 4, /an account of a message/],
    ['the length of data', first + instructionAt(0).at + 5, /an instruction of a message/],
    ['the first byte of data', first + instructionAt(0).at + 6, /data of a message/],
    ['the last byte of data', first + instructionAt(0).length - 1, /data of a message/],
    ['the lookups', second + instructionAt(1).length - 1, /a message looks accounts up/],
    ['the byte behind', first + instructionAt(0).length, /the byte behind a message/],
    ['the padding', first + instructionAt(0).length + 1, /padding of a message is not zero/],
    ['the length', 2 * 128 - 1, /length of a message in its padding/],
  ])(
    'another byte of a message: %s',
    async (_, place, reason) => {
      await expect(
        changed(({ batch }) => {
          batch.messages[place]! ^= 1;
        }),
      ).rejects.toThrow(reason);
    },
    60_000,
  );

  it('another byte of the length of long data', async () => {
    const inputs = inputsOf(witnessOf([signedData(1, 130)]));
    const { message } = decodeTransaction(signedData(1, 130));
    const at = 64 + 4 + 32 * (message.accountKeys.length + 1) + 3;
    await expect(
      changed(({ batch }) => {
        batch.messages[at + 1]! ^= 1;
      }, inputs),
    ).rejects.toThrow(/length of an instruction's data in a message/);
  }, 60_000);

  it('more blocks or fewer than a message takes', async () => {
    for (const blocks of ['1', '3', '64'])
      await expect(
        changed(({ batch }) => {
          batch.message_blocks[0] = blocks;
        }),
      ).rejects.toThrow();
  }, 60_000);
});

it.runIf(HEAVY)('says what has no room', () => {
  const many = Array.from({ length: 3 }, (_, i) => signedTransfers(0, [1, 2, 3], 4 + i));
  expect(() => inputsOf(witnessOf(many))).toThrow(/do not fit/);
});

it.runIf(HEAVY)('wants all signatures', () => {
  const witness = witnessOf([signedTransfers(0, [1, 2], 4)]);
  witness.signatures[0]!.pop();
  expect(() => inputsOf(witness)).toThrow(/has 1 signatures instead of 2/);
});
