import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '@polyproof/base';
import { REPOSITORY } from '@polyproof/node';
import { VERIFIER_SYSTEMS, type VerificationFiles, type VerifierSystemName } from '@polyproof/proofs';
import { figure, type Report, seconds } from './report.js';

const ROUNDS = 5;
const TO = `0x${'aa'.repeat(20)}`;

/** Milliseconds of a verification of a real proof in this process, by systems that have no contract here. */
export async function timeSystems(): Promise<Report['figures']> {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const cases: [string, VerifierSystemName, VerificationFiles][] = [
    'groth16-snarkjs',
    'groth16-bls12-381-snarkjs',
    'plonk-snarkjs',
    'plonk-bls12-381-snarkjs',
    'fflonk-snarkjs',
  ].map((name) => {
    const { key, inputs, proof } = read(name);
    const files = { key: json(key), inputs: json(inputs), proof: json(proof) };
    return [name, name as VerifierSystemName, files];
  });
  for (const [name, call] of [
    ['sp1-plonk-v6', 'sp1'],
    ['ultra-honk-evm', 'bytes-words'],
  ]) {
    const { code, publicValues, proof, programId } = read(name!);
    const key = json({ to: TO, accounts: { [TO]: { code } }, call, programId });
    cases.push([`evm: ${name}`, 'evm', { key, inputs: fromHex(publicValues), proof: fromHex(proof) }]);
  }
  for (const [name, accept] of [
    ['dcap-sgx', ['UpToDate', 'ConfigurationAndSWHardeningNeeded']],
    ['dcap-tdx', ['UpToDate']],
  ] as const) {
    const { key, inputs, proof } = read(name);
    const files = { key: json({ ...key, accept }), inputs: fromHex(inputs), proof: fromHex(proof) };
    cases.push([name, 'dcap', files]);
  }
  const figures: Report['figures'] = [];
  for (const [name, system, files] of cases) {
    if (!(await VERIFIER_SYSTEMS[system].verify(files))) throw new Error(`${name} refused a right proof.`);
    const elapsed = await seconds(async () => {
      for (let i = 0; i < ROUNDS; i++) await VERIFIER_SYSTEMS[system].verify(files);
    });
    figures.push(figure(`${name}: off chain`, (elapsed / ROUNDS) * 1e3, 'ms'));
  }
  return figures;
}

function read(name: string) {
  return JSON.parse(readFileSync(join(REPOSITORY, `packages/proofs/test/vectors/${name}.json`), 'utf8'));
}
