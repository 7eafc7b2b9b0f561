const NUMBERS = { 0: 'create', 1: 'assign', 8: 'allocate' } as const;
const BYTES = { create: 52, assign: 36, allocate: 12 } as const;
const HEADER_BYTES = 4;

/** An instruction of the System program that changes an owner or a length. What it does not name is 0. */
export interface SystemChange {
  kind: 'create' | 'assign' | 'allocate';
  lamports: bigint;
  space: bigint;
  owner: Uint8Array;
}

/** Whether the data, as long as it has to be, is that of an instruction that changes an account. */
export function isChange(data: Uint8Array): boolean {
  const kind = kindOf(data);
  return kind !== undefined && data.length === BYTES[kind];
}

export function readChange(data: Uint8Array): SystemChange {
  const kind = kindOf(data)!;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const word = (at: number) => view.getBigUint64(HEADER_BYTES + at, true);
  const named = { lamports: 0n, space: 0n, owner: new Uint8Array(32) };
  if (kind === 'allocate') return { ...named, kind, space: word(0) };
  const owner = data.slice(-32);
  if (kind === 'assign') return { ...named, kind, owner };
  return { kind, lamports: word(0), space: word(8), owner };
}

/** How many accounts it names: who pays for a new one comes first. */
export function changeAccounts({ kind }: SystemChange): number {
  return kind === 'create' ? 2 : 1;
}

function kindOf(data: Uint8Array): SystemChange['kind'] | undefined {
  if (data.length < HEADER_BYTES) return undefined;
  const number = new DataView(data.buffer, data.byteOffset, data.length).getUint32(0, true);
  return (NUMBERS as Record<number, SystemChange['kind']>)[number];
}
