import { readFileSync } from 'node:fs';
import type { Barretenberg } from '@aztec/bb.js';
import { type CompiledCircuit, Noir } from '@noir-lang/noir_js';
import { concatBytes, fromHex, type Hex, InvariantError, silentLogger, toHex } from '@polyproof/base';
import { startAnvil } from '@polyproof/chain';
import { type Artifacts, type CircuitInputs, finalInputs, type Proof, withKeySet } from '@polyproof/proofs';
import {
  circuitFile,
  readBytecode,
  solidityVerifierFor,
  solve,
  startBb,
  stopBb,
} from '@polyproof/proofs/tools';
import { createTestClient, http, publicActions, walletActions } from 'viem';
import { foundry } from 'viem/chains';
import { figure, type Report } from '../report.js';
import { compileVerifier } from './compile-verifier.js';
import { proveApart } from './prove-apart.js';

const VERIFY = [
  {
    type: 'function',
    name: 'verify',
    stateMutability: 'view',
    inputs: [{ type: 'bytes' }, { type: 'bytes32[]' }],
    outputs: [{ type: 'bool' }],
  },
] as const;

/** Ways to make the last proof, and the contract that verifies it. The first one is the one in use. */
const VARIANTS = [
  { name: 'no zero knowledge, optimised', disableZk: true, optimizedSolidityVerifier: true },
  { name: 'no zero knowledge', disableZk: true, optimizedSolidityVerifier: false },
  { name: 'zero knowledge, optimised', disableZk: false, optimizedSolidityVerifier: true },
  { name: 'zero knowledge', disableZk: false, optimizedSolidityVerifier: false },
] as const;

/** Gas of a transaction that verifies the final proof of a batch, for each way to make and to verify it. */
export async function verifierGas(artifacts: Artifacts, batch: CircuitInputs): Promise<Report['figures']> {
  const child = await proveApart(artifacts, 'svm_batch_small', withKeySet(artifacts, batch));
  const { bytecode, witness } = await solveFinal(artifacts, child);
  const figures: Report['figures'] = [];
  const bb = await startBb(artifacts.srs);
  try {
    for (const { name, ...variant } of VARIANTS) {
      const settings = { ipaAccumulation: false, oracleHashType: 'keccak', ...variant };
      const final = await proveFinal(bb, { bytecode, witness, settings });
      const source = solidityVerifierFor(artifacts.srs, final.source);
      const gas = await gasOf(source, final);
      figures.push(
        figure(`final proof, ${name}: size`, final.proof.length, 'bytes'),
        figure(`final proof, ${name}: proof`, final.seconds, 's'),
        figure(`final proof, ${name}: verification`, gas.verify, 'gas'),
        figure(`final proof, ${name}: deployment of its verifier`, gas.deploy, 'gas'),
      );
    }
  } finally {
    await stopBb(bb);
  }
  return figures;
}

async function solveFinal(artifacts: Artifacts, child: Proof) {
  const circuit = JSON.parse(
    readFileSync(circuitFile(artifacts.directory, 'final'), 'utf8'),
  ) as CompiledCircuit;
  return {
    bytecode: readBytecode(artifacts.directory, 'final'),
    witness: await solve(new Noir(circuit), 'final', finalInputs(artifacts, child, 0n)),
  };
}

interface FinalProof {
  proof: Uint8Array;
  publicInputs: Hex[];
  source: string;
  seconds: number;
}

async function proveFinal(
  bb: Barretenberg,
  task: {
    bytecode: Uint8Array;
    witness: Uint8Array;
    settings: Parameters<Barretenberg['circuitProve']>[0]['settings'];
  },
): Promise<FinalProof> {
  const { bytecode, witness, settings } = task;
  const circuit = { name: 'final', bytecode };
  const { bytes: verificationKey } = await bb.circuitComputeVk({ circuit, settings });
  const start = performance.now();
  const made = await bb.circuitProve({ witness, circuit: { ...circuit, verificationKey }, settings });
  const seconds = (performance.now() - start) / 1e3;
  const { solidityCode } = await bb.circuitWriteSolidityVerifier({ verificationKey, settings });
  return {
    proof: concatBytes(...made.proof),
    publicInputs: made.publicInputs.map(toHex),
    source: solidityCode,
    seconds,
  };
}

/** Deploys the verifier on a chain of its own and sends it the proof in a transaction; a changed proof is refused. */
async function gasOf(source: string, final: FinalProof): Promise<{ deploy: number; verify: number }> {
  const anvil = await startAnvil({ logger: silentLogger });
  try {
    const client = createTestClient({ mode: 'anvil', transport: http(anvil.url), chain: foundry })
      .extend(publicActions)
      .extend(walletActions);
    const [account] = await client.getAddresses();
    let deploy = 0n;
    const create = async (data: Hex): Promise<Hex> => {
      const hash = await client.sendTransaction({ account: account!, data, gas: 16_000_000n });
      const receipt = await client.waitForTransactionReceipt({ hash });
      if (receipt.status !== 'success') throw new InvariantError('a verifier was not deployed');
      deploy += receipt.gasUsed;
      return receipt.contractAddress!;
    };
    const verifier = {
      address: await compileVerifier(source, create),
      abi: VERIFY,
      functionName: 'verify',
    } as const;
    const request = { ...verifier, args: [toHex(final.proof), final.publicInputs] as const };
    if (!(await client.readContract(request))) throw new InvariantError('a verifier refuses a proof');
    const changed = final.publicInputs.with(0, toHex(fromHex(final.publicInputs[0]!).with(31, 1)));
    const accepted = await client
      .readContract({ ...request, args: [request.args[0], changed] })
      .catch(() => false);
    if (accepted) throw new InvariantError('a verifier takes any proof');
    const hash = await client.writeContract({ ...request, account: account!, gas: 16_000_000n });
    const { gasUsed } = await client.waitForTransactionReceipt({ hash });
    return { deploy: Number(deploy), verify: Number(gasUsed) };
  } finally {
    await anvil.close();
  }
}
