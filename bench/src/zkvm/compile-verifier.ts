import type { Hex } from '@polyproof/base';
import { compileSolidity } from '@polyproof/proofs';

/**
 * Compiles a verifier that bb generated, as the product compiles its own, and deploys it with the libraries that it
 * calls.
 * @param create - deploys creation code, and gives the address
 */
export async function compileVerifier(source: string, create: (code: Hex) => Promise<Hex>): Promise<Hex> {
  const contracts = await compileSolidity(source);
  const deployed = new Map<string, Hex>();
  const deploy = async (name: string): Promise<Hex> => {
    const known = deployed.get(name);
    if (known !== undefined) return known;
    const { object, linkReferences } = contracts[name]!;
    let code = object;
    for (const [library, places] of Object.entries(Object.assign({}, ...Object.values(linkReferences)))) {
      const address = (await deploy(library)).slice(2);
      for (const { start } of places as { start: number }[])
        code = code.slice(0, 2 * start) + address + code.slice(2 * start + address.length);
    }
    const address = await create(`0x${code}`);
    deployed.set(name, address);
    return address;
  };
  return deploy('HonkVerifier');
}
