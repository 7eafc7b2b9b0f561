import { createHash } from 'node:crypto';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { createAddressFromString } from '@ethereumjs/util';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bigIntToBytes, bytesToBigInt, concatBytes, fromHex } from '@polyproof/base';
import { z } from 'zod';
import { ProofError } from '../errors.js';
import { hex, parseJson, splitWords, word } from './layouts.js';
import type { VerificationFiles } from './system.js';

/** What a verification may use: more than any verifier takes, and what some tens of seconds of execution are. */
export const EVM_GAS_LIMIT = 16_000_000n;

const address = hex.refine((text) => text.length === 42, 'is not an address');
const key = z.strictObject({
  /** the verifier */
  to: address,
  accounts: z.record(address, z.strictObject({ code: hex, storage: z.record(word, word).optional() })),
  call: z.enum(['bytes-words', 'words', 'program', 'sp1', 'risc-zero']),
  /** signature of the function for `words`, as `verifyProof(uint256[24],uint256[3])` */
  signature: z.string().max(256).optional(),
  /** for `program`, `sp1` and `risc-zero` */
  programId: word.optional(),
});
type EvmKey = z.output<typeof key>;

/**
 * Any verifier that a chain has: its code, called as a transaction would, without being able to change anything.
 * Everything that it could learn of a chain is fixed: block 0, no balances, accounts that the key gives.
 * @throws {ProofError} `BAD_KEY`, `BAD_PROOF_SHAPE`
 */
export async function verifyByEvm(files: VerificationFiles): Promise<boolean> {
  const { accounts, to, ...call } = parseJson('key', files.key, key);
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Osaka });
  const evm = await createEVM({ common });
  for (const [name, { code, storage = {} }] of Object.entries(accounts)) {
    const account = createAddressFromString(name);
    await evm.stateManager.putCode(account, fromHex(code));
    for (const [slot, value] of Object.entries(storage))
      await evm.stateManager.putStorage(account, fromHex(slot), fromHex(value));
  }
  if ((await evm.stateManager.getCode(createAddressFromString(to))).length === 0)
    throw new ProofError('BAD_KEY', `the key has no code at ${to}.`);
  const { execResult } = await evm.runCall({
    to: createAddressFromString(to),
    data: calldata(call, files),
    gasLimit: EVM_GAS_LIMIT,
    isStatic: true,
  });
  const { exceptionError, returnValue } = execResult;
  if (exceptionError !== undefined) return false;
  // These return nothing, and revert for a no.
  if (call.call === 'sp1' || call.call === 'risc-zero') return returnValue.length === 0;
  return returnValue.length === 32 && bytesToBigInt(returnValue) === 1n;
}

function calldata(
  { call, signature, programId }: Pick<EvmKey, 'call' | 'signature' | 'programId'>,
  { inputs, proof }: VerificationFiles,
): Uint8Array {
  const program = () => {
    if (programId === undefined) throw new ProofError('BAD_KEY', `the key has no programId for ${call}.`);
    return fromHex(programId);
  };
  switch (call) {
    case 'bytes-words': {
      const words = splitWords('inputs', inputs);
      const list = concatBytes(number(words.length), ...words);
      return encodeCall('verify(bytes,bytes32[])', [dynamic(proof), { tail: list }]);
    }
    case 'words': {
      if (signature === undefined) throw new ProofError('BAD_KEY', 'the key has no signature for words.');
      splitWords('inputs', inputs);
      splitWords('proof', proof);
      return concatBytes(selector(signature), proof, inputs);
    }
    case 'program':
      return encodeCall('verifyProgram(bytes32,bytes,bytes)', [program(), dynamic(inputs), dynamic(proof)]);
    case 'sp1':
      return encodeCall('verifyProof(bytes32,bytes,bytes)', [program(), dynamic(inputs), dynamic(proof)]);
    case 'risc-zero':
      return encodeCall('verify(bytes,bytes32,bytes32)', [
        dynamic(proof),
        program(),
        createHash('sha256').update(inputs).digest(),
      ]);
  }
}

type Argument = Uint8Array | { tail: Uint8Array };

function encodeCall(signature: string, args: readonly Argument[]): Uint8Array {
  const heads: Uint8Array[] = [];
  const tails: Uint8Array[] = [];
  let offset = 32 * args.length;
  for (const arg of args)
    if ('tail' in arg) {
      heads.push(number(offset));
      tails.push(arg.tail);
      offset += arg.tail.length;
    } else heads.push(arg);
  return concatBytes(selector(signature), ...heads, ...tails);
}

/** Bytes with their length in front, filled up to whole words. */
function dynamic(bytes: Uint8Array): { tail: Uint8Array } {
  return { tail: concatBytes(number(bytes.length), bytes, new Uint8Array(-bytes.length & 31)) };
}

function number(value: number): Uint8Array {
  return bigIntToBytes(BigInt(value), 32);
}

function selector(signature: string): Uint8Array {
  return keccak_256(new TextEncoder().encode(signature)).subarray(0, 4);
}
