/** What the compiler makes of one contract. */
export interface CompiledContract {
  /** creation code without 0x, in hex digits; places of libraries are not filled in yet */
  object: string;
  /** of each library, by file and name: where its 20 bytes belong, in bytes */
  linkReferences: Record<string, Record<string, { start: number; length: number }[]>>;
}

interface CompilerOutput {
  errors?: { severity: string; formattedMessage: string }[];
  contracts?: { input: Record<string, { evm: { bytecode: CompiledContract } }> };
}

/**
 * Compiles the contracts of one file, generated verifiers above all, with the settings under which they are deployed.
 * @returns the contracts by name
 * @throws Error with the compiler's words where the file does not compile
 */
export async function compileSolidity(source: string): Promise<Record<string, CompiledContract>> {
  // Only who compiles loads the compiler: it takes half a second.
  const { default: solc } = await import('solc');
  const output: CompilerOutput = JSON.parse(
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
  );
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  if (errors.length > 0 || output.contracts === undefined)
    throw new Error(errors.map((e) => e.formattedMessage).join('\n') || 'the compiler gave no contracts');
  return Object.fromEntries(
    Object.entries(output.contracts.input).map(([name, { evm }]) => [name, evm.bytecode]),
  );
}
