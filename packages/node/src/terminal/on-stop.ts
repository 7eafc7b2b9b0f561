/** A signal may come twice at once: from the terminal to everybody, and passed on by npm. */
const SAME_SIGNAL_MS = 1_000;

/** Calls `stop` when this process is asked to end. Asked again, it ends at once; its children do not outlive it. */
export function onStop(stop: () => void): void {
  let askedAt: number | undefined;
  const ask = () => {
    if (askedAt === undefined) {
      askedAt = performance.now();
      stop();
    } else if (performance.now() - askedAt > SAME_SIGNAL_MS) process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
}
