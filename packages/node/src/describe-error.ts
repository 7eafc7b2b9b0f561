import { PolyproofError } from '@polyproof/base';

/** What to do about errors of the operating system that people meet: a full or read-only disk, a wrong path. */
const ADVICE: Record<string, string> = {
  ENOSPC:
    'the disk is full: make room and run again, or choose other directories with --data-directory and --cache-directory',
  EDQUOT: 'the disk quota is used up: make room and run again',
  EACCES:
    'it may not be used by this user: choose other directories with --data-directory and --cache-directory',
  EROFS: 'the disk is read-only: choose other directories with --data-directory and --cache-directory',
  ENOTDIR:
    'a part of the path is not a directory: choose other directories with --data-directory and --cache-directory',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
};

/** An error for the terminal: one line for everything that has a known cause, the stack for the rest. */
export function describeError(error: unknown): string {
  if (error instanceof PolyproofError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const advice = code === undefined ? undefined : ADVICE[code];
  if (advice === undefined) return error.stack ?? error.message;
  return `${path === undefined ? '' : `${path}: `}${advice}.`;
}
