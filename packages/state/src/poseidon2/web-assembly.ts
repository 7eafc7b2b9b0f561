/** A compiled module, which threads may share. */
export type WasmModule = { readonly [compiled]: true };
declare const compiled: unique symbol;

interface WebAssemblyApi {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  Instance: new (module: WasmModule) => { exports: object };
}

/** What this package needs of the global `WebAssembly`, for which the types of Node have no declaration. */
export const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };
