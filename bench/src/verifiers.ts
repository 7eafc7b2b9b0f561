import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concatBytes, fromHex, silentLogger } from '@polyproof/base';
import {
  DEVELOPMENT_ACCOUNTS,
  groth16VerifierAbi,
  groth16VerifierBytecode,
  programAdapterAbi,
  programAdapterBytecode,
  riscZeroVerifierAbi,
  riscZeroVerifierBytecode,
  sp1VerifierAbi,
  sp1VerifierBytecode,
  startAnvil,
  verifierRouterAbi,
  verifierRouterBytecode,
} from '@polyproof/chain';
import { REPOSITORY } from '@polyproof/node';
import {
  Groth16Verifier,
  type Groth16VerifyingKey,
  type ProofVerifier,
  RiscZeroVerifier,
  Sp1Verifier,
} from '@polyproof/proofs';
import {
  type Abi,
  createPublicClient,
  createWalletClient,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  http,
  zeroAddress,
  zeroHash,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { figure, type Report, seconds } from './report.js';
import { timeSystems } from './verifier-systems.js';

const ROUNDS = 20;
const ACCOUNT = privateKeyToAccount(DEVELOPMENT_ACCOUNTS[0]!.privateKey);

/** Verifying a real proof of each system: gas of a transaction and of deployment, milliseconds in this process. */
export async function benchVerifiers(): Promise<Report> {
  const anvil = await startAnvil({ logger: silentLogger });
  try {
    const transport = http(anvil.url);
    const reader = createPublicClient({ chain: foundry, transport, pollingInterval: 10 });
    const wallet = createWalletClient({ chain: foundry, transport, account: ACCOUNT });
    const send = async (to: Hex | null, data: Hex) =>
      reader.waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to, data, gas: 5_000_000n }) });
    const figures: Report['figures'] = [];
    const deploy = async (name: string, abi: Abi, bytecode: Hex, args: unknown[]): Promise<Hex> => {
      const receipt = await send(null, encodeDeployData({ abi, bytecode, args }));
      figures.push(figure(`${name}: deployment`, Number(receipt.gasUsed), 'gas'));
      return receipt.contractAddress!;
    };
    const call = async (name: string, to: Hex, abi: Abi, functionName: string, args: unknown[]) => {
      if ((await reader.readContract({ address: to, abi, functionName, args })) === false)
        throw new Error(`${name} refused a right proof.`);
      const { gasUsed } = await send(to, encodeFunctionData({ abi, functionName, args }));
      figures.push(figure(`${name}: verification`, Number(gasUsed), 'gas'));
    };

    const router = await deploy('router', verifierRouterAbi, verifierRouterBytecode, [
      ACCOUNT.address,
      zeroAddress,
    ]);
    for (const name of ['groth16-snarkjs', 'sp1-v4', 'sp1-v5', 'sp1-v6', 'risc-zero-v5']) {
      const vector = JSON.parse(
        readFileSync(join(REPOSITORY, `contracts/test/vectors/${name}.json`), 'utf8'),
      );
      const { selector, programId, publicValues, proof } = vector;
      const key = argument(vector.key);
      if (name === 'groth16-snarkjs') {
        const address = await deploy(name, groth16VerifierAbi, groth16VerifierBytecode, [key]);
        await call(name, address, groth16VerifierAbi, 'verify', [proof, vector.publicInputs]);
        const verifier = new Groth16Verifier(vector.key);
        const values = concatBytes(...vector.publicInputs.map((input: Hex) => fromHex(input)));
        figures.push(await time(name, verifier, verifier.programId, values, fromHex(proof)));
        continue;
      }
      const address =
        'controlRoot' in vector
          ? await deploy(name, riscZeroVerifierAbi, riscZeroVerifierBytecode, [
              key,
              selector,
              vector.controlRoot,
              vector.bn254ControlId,
            ])
          : await deploy(name, sp1VerifierAbi, sp1VerifierBytecode, [
              key,
              selector,
              vector.vkRoot ?? zeroHash,
            ]);
      await call(name, address, sp1VerifierAbi, 'verifyProgram', [programId, publicValues, proof]);
      if (publicValues.length % 64 === 2) {
        const adapter = await deploy(`${name}, adapter`, programAdapterAbi, programAdapterBytecode, [
          address,
          programId,
        ]);
        const addRoute = {
          abi: verifierRouterAbi,
          functionName: 'addRoute',
          args: [selector, adapter],
        } as const;
        await send(router, encodeFunctionData(addRoute));
        const inputs = publicValues
          .slice(2)
          .match(/.{64}/g)
          .map((word: string) => `0x${word}`);
        await call(`${name}, adapter, router`, router, verifierRouterAbi, 'verify', [proof, inputs]);
      }
      const verifier = 'controlRoot' in vector ? new RiscZeroVerifier(vector) : new Sp1Verifier(vector);
      figures.push(await time(name, verifier, fromHex(programId), fromHex(publicValues), fromHex(proof)));
    }
    figures.push(...(await timeSystems()));
    return { bench: 'verifiers', figures };
  } finally {
    await anvil.close();
  }
}

async function time(
  name: string,
  verifier: ProofVerifier,
  programId: Uint8Array,
  publicValues: Uint8Array,
  proof: Uint8Array,
): Promise<Report['figures'][number]> {
  const verify = () => verifier.verify({ programId, publicValues, proof });
  await verify();
  const elapsed = await seconds(async () => {
    for (let i = 0; i < ROUNDS; i++) await verify();
  });
  return figure(`${name}: off chain`, (elapsed / ROUNDS) * 1e3, 'ms');
}

/** A key as the constructors take it. */
function argument(key: Groth16VerifyingKey): object {
  const points = Array.from({ length: key.ic.length / 2 }, (_, i) => key.ic.slice(2 * i, 2 * i + 2));
  return { ...key, ic: points };
}
