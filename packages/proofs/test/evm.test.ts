import { readFileSync } from 'node:fs';
import { fromHex, type Hex } from '@polyproof/base';
import { describe, expect, it } from 'vitest';
import { VERIFIER_SYSTEMS } from '../src/index.js';

const TO = `0x${'aa'.repeat(20)}`;
/** whole verifiers, instruction by instruction */
const SLOW_MS = 240_000;
const none = new Uint8Array(0);
const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

function verify(
  key: object,
  { inputs = none, proof = none }: { inputs?: Uint8Array; proof?: Uint8Array } = {},
): Promise<boolean> {
  return Promise.resolve(VERIFIER_SYSTEMS.evm.verify({ key: encode({ to: TO, ...key }), inputs, proof }));
}
const withCode = (code: Hex, rest: object) => ({ accounts: { [TO]: { code } }, ...rest });

describe('SP1 PLONK v6, by the code of its verifier', () => {
  const path = new URL('vectors/sp1-plonk-v6.json', import.meta.url);
  const { code, programId, publicValues, proof } = JSON.parse(readFileSync(path, 'utf8'));
  const key = withCode(code, { call: 'sp1', programId });
  const files = { inputs: fromHex(publicValues), proof: fromHex(proof) };

  it(
    'accepts a real proof, of this program and these values alone',
    async () => {
      expect(await verify(key, files)).toBe(true);
      expect(await verify({ ...key, programId: `0x${'00'.repeat(31)}01` }, files)).toBe(false);
      for (const at of [0, 40, files.proof.length - 1]) {
        const changed = files.proof.slice();
        changed[at]! ^= 1;
        expect(await verify(key, { ...files, proof: changed })).toBe(false);
      }
      expect(await verify(key, { ...files, proof: none })).toBe(false);
    },
    SLOW_MS,
  );
});

it(
  'UltraHonk, by the code of the verifier that bb generated',
  async () => {
    const path = new URL('vectors/ultra-honk-evm.json', import.meta.url);
    const { code, publicValues, proof } = JSON.parse(readFileSync(path, 'utf8'));
    const key = withCode(code, { call: 'bytes-words' });
    const files = { inputs: fromHex(publicValues), proof: fromHex(proof) };
    expect(await verify(key, files)).toBe(true);
    for (const kind of ['inputs', 'proof'] as const) {
      const changed = files[kind].slice();
      changed[changed.length - 1]! ^= 1;
      expect(await verify(key, { ...files, [kind]: changed })).toBe(false);
    }
    expect(await verify(key, { ...files, inputs: files.inputs.subarray(32) })).toBe(false);
  },
  SLOW_MS,
);

describe('contracts made for the test', () => {
  // calldata: selector, then proof, then inputs. Says whether the first word of each is the same.
  const equal = '0x6004356024351460005260206000f3';
  const words = { call: 'words', signature: 'verifyProof(uint256[1],uint256[1])' };
  const word = (value: number) => new Uint8Array(32).fill(value, 31);

  it('gives words to functions of fixed size', async () => {
    expect(await verify(withCode(equal, words), { proof: word(7), inputs: word(7) })).toBe(true);
    expect(await verify(withCode(equal, words), { proof: word(7), inputs: word(8) })).toBe(false);
    await expect(verify(withCode(equal, words), { proof: new Uint8Array(31) })).rejects.toMatchObject({
      code: 'BAD_PROOF_SHAPE',
    });
  });

  it.each<[string, Hex]>([
    ['2', '0x600260005260206000f3'],
    ['1 in fewer bytes', '0x60016000526001601ff3'],
    ['1 and more', '0x600160005260406000f3'],
    ['nothing', '0x00'],
    ['a revert with 1', '0x600160005260206000fd'],
    ['an invalid instruction', '0xfe'],
    ['1 after a store, which a view may not do', '0x6001600055600160005260206000f3'],
    ['1 after a log', '0x60006000a0600160005260206000f3'],
    ['1 after a contract was made', '0x600060006000f050600160005260206000f3'],
    // Every step asks for the balance of another address, which is dear: the gas is soon used up.
    ['no end', '0x5b5a3150600056'],
    ['all memory that there is', '0x600163ffffffff5260206000f3'],
  ])('a verifier that answers with %s does not accept', async (_, code) => {
    expect(await verify(withCode(code, words))).toBe(false);
  });

  it('accepts 1 alone, and nothing at all where a no is a revert', async () => {
    const one = '0x600160005260206000f3';
    const sp1 = { call: 'sp1', programId: `0x${'00'.repeat(32)}` };
    expect(await verify(withCode(one, words))).toBe(true);
    expect(await verify(withCode('0x00', sp1))).toBe(true);
    expect(await verify(withCode('0x600060005260206000f3', sp1))).toBe(false);
  });

  it('has what the key gives of a state, and nothing of a chain', async () => {
    const slot = `0x${'00'.repeat(32)}`;
    const load = '0x60005460005260206000f3';
    const one = `0x${'00'.repeat(31)}01`;
    const stored = { to: TO, accounts: { [TO]: { code: load, storage: { [slot]: one } } }, ...words };
    expect(await verify(stored)).toBe(true);
    expect(await verify(withCode(load, words))).toBe(false);
    // number, timestamp, balance of itself: all 0
    for (const opcode of ['43', '42', '47'])
      expect(await verify(withCode(`0x${opcode}1560005260206000f3`, words))).toBe(true);
  });

  it.each([
    ['no code', { accounts: {}, ...words }, /no code at/],
    ['no signature', withCode('0x00', { call: 'words' }), /no signature/],
    ['no program', withCode('0x00', { call: 'risc-zero' }), /no programId/],
    ['another call', withCode('0x00', { call: 'delegate' }), /at call/],
    ['half a byte of code', withCode('0x0', words), /at accounts/],
  ])('refuses a key with %s', async (_, key, message) => {
    const promise = verify(key);
    await expect(promise).rejects.toThrow(message);
    await expect(promise).rejects.toMatchObject({ code: 'BAD_KEY' });
  });
});
