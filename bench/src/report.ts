/** What a bench measured: the form that `--json` prints. */
export interface Report {
  bench: string;
  figures: { name: string; value: number; unit: string }[];
}

export function figure(name: string, value: number, unit: string): Report['figures'][number] {
  const digits = value >= 100 ? 0 : value >= 1 ? 2 : 4;
  return { name, value: Number(value.toFixed(digits)), unit };
}

export function printTable(report: Report): void {
  const width = Math.max(...report.figures.map((f) => f.name.length));
  console.log(`\n${report.bench}`);
  for (const { name, value, unit } of report.figures)
    console.log(`  ${name.padEnd(width)}  ${value.toLocaleString('en').padStart(12)} ${unit}`);
}

/** Seconds that `work` takes. */
export async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1e3;
}
