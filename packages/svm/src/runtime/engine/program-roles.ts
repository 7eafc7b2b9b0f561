import { decodeBase58 } from '../../base58.js';

/** What the engine knows of a program's behaviour beforehand. */
export type ProgramRole = 'system' | 'computeBudget' | 'token' | 'memo' | 'upgradeableLoader';

const ROLES: Record<string, ProgramRole> = {
  '11111111111111111111111111111111': 'system',
  ComputeBudget111111111111111111111111111111: 'computeBudget',
  TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA: 'token',
  Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo: 'memo',
  MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr: 'memo',
  BPFLoaderUpgradeab1e11111111111111111111111: 'upgradeableLoader',
};

/** By the address as a key: see `addressKey`. */
export const PROGRAM_ROLES: ReadonlyMap<string, ProgramRole> = new Map(
  Object.entries(ROLES).map(([name, role]) => [Buffer.from(decodeBase58(name)).toString('latin1'), role]),
);
