import type { Zstd } from '@hpcc-js/wasm-zstd';
import { InvariantError } from '@polyproof/base';

let loading: Promise<void> | undefined;
let zstd: Zstd | undefined;

/** Makes {@link compressZstd} ready. Call it before the first account is encoded so; later calls cost nothing. */
export function loadZstd(): Promise<void> {
  loading ??= import('@hpcc-js/wasm-zstd').then(async ({ Zstd }) => {
    zstd = await Zstd.load();
  });
  return loading;
}

/** One Zstandard frame at the library's default level, as Agave compresses account data. */
export function compressZstd(data: Uint8Array): Uint8Array {
  if (zstd === undefined) throw new InvariantError('Zstandard is used before loadZstd');
  return zstd.compress(data);
}
