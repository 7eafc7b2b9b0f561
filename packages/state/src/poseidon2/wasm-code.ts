/** Types of values in WebAssembly. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const V128 = 0x7b;
export type WasmType = typeof I32 | typeof I64 | typeof V128;

const VOID = 0x40;

/**
 * The body of a WebAssembly function, written instruction by instruction. Offsets of loads and stores are byte
 * addresses added to the one on the stack. Opcodes: WebAssembly Core Specification 2.0, section 5.4.
 */
export class WasmCode {
  readonly params: readonly WasmType[];
  readonly #locals: WasmType[] = [];
  readonly #bytes: number[] = [];

  constructor(...params: WasmType[]) {
    this.params = params;
  }

  /** A new local, zero at first. */
  local(type: WasmType): number {
    this.#locals.push(type);
    return this.params.length + this.#locals.length - 1;
  }

  locals(count: number, type: WasmType): number[] {
    return Array.from({ length: count }, () => this.local(type));
  }

  get(local: number): this {
    return this.#op(0x20, ...unsigned(local));
  }

  set(local: number): this {
    return this.#op(0x21, ...unsigned(local));
  }

  tee(local: number): this {
    return this.#op(0x22, ...unsigned(local));
  }

  i32(value: number): this {
    return this.#op(0x41, ...signed(BigInt(value)));
  }

  i64(value: bigint): this {
    return this.#op(0x42, ...signed(BigInt.asIntN(64, value)));
  }

  call(index: number): this {
    return this.#op(0x10, ...unsigned(index));
  }

  /** Runs `body` as often as `counter` says, counting it down to zero; the counter must not be zero before. */
  repeat(counter: number, body: () => void): this {
    this.#op(0x03, VOID);
    body();
    return this.get(counter).i32(1).i32Sub().tee(counter).#op(0x0d, 0, 0x0b);
  }

  i32Add = (): this => this.#op(0x6a);
  i32Sub = (): this => this.#op(0x6b);
  i32Mul = (): this => this.#op(0x6c);
  i32And = (): this => this.#op(0x71);
  i32Or = (): this => this.#op(0x72);
  i32Shl = (): this => this.#op(0x74);
  i32Store = (offset: number): this => this.#op(0x36, 2, ...unsigned(offset));
  i32Load16 = (offset: number): this => this.#op(0x2e, 1, ...unsigned(offset));
  i64Load16 = (offset: number): this => this.#op(0x32, 1, ...unsigned(offset));
  i64Store = (offset: number): this => this.#op(0x37, 3, ...unsigned(offset));
  i64Add = (): this => this.#op(0x7c);
  i64And = (): this => this.#op(0x83);
  i64Or = (): this => this.#op(0x84);
  i64Shl = (): this => this.#op(0x86);
  i64ShrS = (): this => this.#op(0x87);
  i64ShrU = (): this => this.#op(0x88);
  wrap = (): this => this.#op(0xa7);

  load = (offset: number): this => this.#simd(0, 4, ...unsigned(offset));
  store = (offset: number): this => this.#simd(11, 4, ...unsigned(offset));
  /** Bytes of two vectors, by their numbers: 0 to 15 of the first, 16 to 31 of the second. */
  shuffle = (bytes: readonly number[]): this => this.#simd(13, ...bytes);
  i64Lane = (lane: 0 | 1): this => this.#simd(29, lane);
  vAnd = (): this => this.#simd(78);
  vOr = (): this => this.#simd(80);
  i16x8Shl = (): this => this.#simd(139);
  i16x8ShrS = (): this => this.#simd(140);
  i16x8Add = (): this => this.#simd(142);
  i16x8Sub = (): this => this.#simd(145);
  i16x8Mul = (): this => this.#simd(149);
  i32x4Shl = (): this => this.#simd(171);
  i32x4ShrS = (): this => this.#simd(172);
  i32x4ShrU = (): this => this.#simd(173);
  i32x4Add = (): this => this.#simd(174);
  i32x4Mul = (): this => this.#simd(181);
  /** Products of signed 16-bit numbers, added in pairs. */
  dot = (): this => this.#simd(186);

  /** The body as the code section holds it. */
  encode(): number[] {
    const body = [
      ...unsigned(this.#locals.length),
      ...this.#locals.flatMap((type) => [1, type]),
      ...this.#bytes,
      0x0b,
    ];
    return [...unsigned(body.length), ...body];
  }

  #simd(opcode: number, ...rest: number[]): this {
    return this.#op(0xfd, ...unsigned(opcode), ...rest);
  }

  #op(...bytes: number[]): this {
    this.#bytes.push(...bytes);
    return this;
  }
}

/** A module of these functions, none of which returns a value; `exports` are names and numbers of functions. */
export function wasmModule(
  functions: readonly WasmCode[],
  options: { pages: number; exports: Record<string, number> },
): Uint8Array<ArrayBuffer> {
  const name = (text: string) => [...unsigned(text.length), ...new TextEncoder().encode(text)];
  const list = (items: number[][]) => [...unsigned(items.length), ...items.flat()];
  const section = (id: number, content: number[]) => [id, ...unsigned(content.length), ...content];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(functions.map(({ params }) => [0x60, ...unsigned(params.length), ...params, 0]))),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(5, list([[0, ...unsigned(options.pages)]])),
    ...section(
      7,
      list([
        [...name('memory'), 2, 0],
        ...Object.entries(options.exports).map(([key, index]) => [...name(key), 0, ...unsigned(index)]),
      ]),
    ),
    ...section(10, list(functions.map((code) => code.encode()))),
  ]);
}

function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) out.push((rest & 127) | 128);
  return [...out, rest];
}

function signed(value: bigint): number[] {
  const out: number[] = [];
  for (let rest = value; ; ) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && low < 64) || (rest === -1n && low >= 64)) return [...out, low];
    out.push(low | 128);
  }
}
