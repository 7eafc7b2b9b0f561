/**
 * Cases of a fuzz test and its seed. More of them: `FUZZ_CASES=200000 FUZZ_SEED=7 npx vitest run packages/svm/test/sbpf`.
 * @param cases - in an ordinary run
 */
export function fuzzBudget(cases: number): { cases: number; seed: number } {
  return {
    cases: Number(process.env.FUZZ_CASES ?? cases),
    seed: Number(process.env.FUZZ_SEED ?? 1),
  };
}

/** Runs cases, each with a seed of its own; the error of one that fails names its seed. */
export function fuzz(budget: { cases: number; seed: number }, run: (seed: number) => void): void {
  for (let index = 0; index < budget.cases; index++) {
    const seed = budget.seed + index;
    try {
      run(seed);
    } catch (error) {
      throw new Error(`failed; again with FUZZ_CASES=1 FUZZ_SEED=${seed}`, { cause: error });
    }
  }
}
