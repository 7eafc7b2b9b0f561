/** A signal may come twice at once: from the terminal to everybody, and passed on by npm. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Calls `stop` when this process is asked to end. Asked again, it ends at once, or after `again` where that is given;
 * its children do not outlive it.
 */
export function onStop(stop: () => void, again?: () => void): void {
  let askedAt: number | undefined;
  let askedAgain = again === undefined;
  const ask = () => {
    const now = performance.now();
    const first = askedAt === undefined;
    if (!first && now - askedAt! <= SAME_SIGNAL_MS) return;
    askedAt = now;
    if (first) stop();
    else if (askedAgain) process.exit(130);
    else {
      askedAgain = true;
      again!();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
}
