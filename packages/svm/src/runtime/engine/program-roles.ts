import { decodeBase58 } from '../../base58.js';

/** What the engine knows of a program's behaviour beforehand. */
export type ProgramRole = 'system' | 'computeBudget' | 'token' | 'token2022' | 'memo' | 'upgradeableLoader';

const ROLES: Record<string, ProgramRole> = {
  '11111111111111111111111111111111': 'system',
  ComputeBudget111111111111111111111111111111: 'computeBudget',
  TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA: 'token',
  TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb: 'token2022',
  Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo: 'memo',
  MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr: 'memo',
  BPFLoaderUpgradeab1e11111111111111111111111: 'upgradeableLoader',
};

/** Token-2022 can call hooks of a mint: unlike the others it is not known beforehand what it does. */
export function isTokenRole(role: ProgramRole | undefined): boolean {
  return role === 'token' || role === 'token2022';
}

/** By the address as a key: see `addressKey`. */
export const PROGRAM_ROLES: ReadonlyMap<string, ProgramRole> = new Map(
  Object.entries(ROLES).map(([name, role]) => [Buffer.from(decodeBase58(name)).toString('latin1'), role]),
);
