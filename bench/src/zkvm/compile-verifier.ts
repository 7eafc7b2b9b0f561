import { type Hex, InvariantError } from '@polyproof/base';
import solc from 'solc';

interface Contract {
  evm: {
    bytecode: {
      object: string;
      linkReferences: Record<string, Record<string, { start: number; length: number }[]>>;
    };
  };
}

/**
 * Compiles a verifier that bb generated, as the product compiles its own, and deploys it with the libraries that it
 * calls.
 * @param create - deploys creation code, and gives the address
 */
export async function compileVerifier(source: string, create: (code: Hex) => Promise<Hex>): Promise<Hex> {
  const output = JSON.parse(
    solc.compile(
      JSON.stringify({
        language: 'Solidity',
        sources: { input: { content: source } },
        settings: {
          evmVersion: 'prague',
          optimizer: { enabled: true, runs: 200 },
          outputSelection: { '*': { '*': ['evm.bytecode.object', 'evm.bytecode.linkReferences'] } },
        },
      }),
    ),
  ) as {
    errors?: { severity: string; formattedMessage: string }[];
    contracts?: { input: Record<string, Contract> };
  };
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  if (output.contracts === undefined || errors.length > 0)
    throw new InvariantError(
      `a verifier does not compile: ${errors.map((e) => e.formattedMessage).join('\n')}`,
    );
  const contracts = output.contracts.input;
  const deployed = new Map<string, Hex>();
  const deploy = async (name: string): Promise<Hex> => {
    const known = deployed.get(name);
    if (known !== undefined) return known;
    const { object, linkReferences } = contracts[name]!.evm.bytecode;
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
