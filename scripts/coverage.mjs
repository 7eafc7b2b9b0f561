// docs/coverage.md: which instructions batches prove, with what each takes of a circuit on a sample.
import { join } from 'node:path';

/** The text of docs/coverage.md. */
export async function coverageText(root) {
  const { COVERAGE } = await import(join(root, 'packages/svm/dist/index.js'));
  const { instructionCosts } = await import(join(root, 'bench/dist/zkvm/instruction-costs.js'));
  const costs = new Map((await instructionCosts()).map((cost) => [cost.name, cost]));
  const rows = COVERAGE.flatMap(({ name, numberBytes, instructions }) =>
    instructions.map(([instruction, number]) => {
      const label = `| ${name} | ${instruction} | ${numberBytes === 0 ? '' : number} |`;
      const cost = costs.get(`${name} ${instruction}`);
      if (cost === undefined) return `${label} no | | | |\n`;
      const gates = Math.round(cost.gates / 100) * 100;
      return `${label} yes | ${cost.steps} | ${cost.accesses} | ${gates} |\n`;
    }),
  );
  return `<!-- Generated from packages/svm/src/coverage.ts by \`npm run generate\`. Do not edit. -->

# What batches prove

Every other program, and every other instruction of these, is refused before it gets into a block. An instruction that is proved here
is refused too where its execution takes a way that is not proved: [ARCHITECTURE.md](../ARCHITECTURE.md) says which. Steps and accesses
of memory are those of one instruction that succeeds; the gates are an estimate of its execution, from the prices in [zkvm.md](zkvm.md),
without its data, its accounts' way through the state tree, and the pages of code that a batch pays for once.

| program | instruction | number | proved | steps | accesses | gates |
| --- | --- | ---: | --- | ---: | ---: | ---: |
${rows.join('')}`;
}
