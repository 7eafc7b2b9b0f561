import { type ChildProcess, spawn } from 'node:child_process';
import { type Service, trackChild } from '@polyproof/base';

/**
 * Waits for the end of its standard input. A line means that the child has ended; the end without one means that
 * the parent has died: the child is asked to end, and killed if it has not after ten seconds.
 */
const SCRIPT = `
read -r line && exit 0
kill -TERM "$1" 2>/dev/null
i=0
while [ $i -lt 10 ] && kill -0 "$1" 2>/dev/null; do sleep 1; i=$((i + 1)); done
kill -KILL "$1" 2>/dev/null`;

/**
 * Ends a native child with SIGTERM when this process dies, however it dies: an exit handler does not run after
 * `kill -9`, and would not give the child the time to write its files. Where there is no shell, the child is
 * killed at exit.
 *
 * `close` ends the guard; call it when the child has ended.
 */
export function guardChild(child: ChildProcess): Service {
  if (process.platform === 'win32' || child.pid === undefined) {
    trackChild(child);
    return { async close() {} };
  }
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'guard', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    guard.once('exit', () => resolve());
    guard.once('error', () => {
      trackChild(child);
      resolve();
    });
  });
  // Its end may come before the line below is written.
  guard.stdin.on('error', () => undefined);
  guard.unref();
  const release = () => guard.stdin.end('ended\n');
  child.once('exit', release);
  return {
    async close() {
      release();
      guard.ref();
      await ended;
    },
  };
}
