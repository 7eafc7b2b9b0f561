import type { AccessLog } from './access-log.js';
import { accessViolation } from './access-violation.js';
import {
  HEAP_ADDRESS,
  INPUT_ADDRESS,
  MAX_CALL_DEPTH,
  type Program,
  REGION_BYTES,
  STACK_ADDRESS,
  STACK_FRAME_BYTES,
} from './program.js';

/** One of the address spaces of 4 GiB; what is in it begins at its start. */
export interface Region {
  address: bigint;
  bytes: Uint8Array;
  view: DataView;
  writable: boolean;
  /** of v0's stack: between any two frames there is a gap of a frame's size that nothing may touch */
  gapped: boolean;
}

const FRAME_MASK = STACK_FRAME_BYTES - 1;

const scratch = new BigUint64Array(1);
const halves = new Uint32Array(scratch.buffer);

/** Memory of one execution, as Agave maps it without "virtual address space adjustments" (SIMD-0460). */
export class Memory {
  /** by the upper half of an address */
  readonly regions: readonly (Region | undefined)[];
  /** where every access is noted, if it is wanted */
  readonly log: AccessLog | undefined;

  /** @param heapBytes - size of the heap */
  constructor(program: Program, input: Uint8Array, heapBytes: number, log?: AccessLog) {
    const regions: (Region | undefined)[] = [undefined, undefined];
    const { address, bytes } = program.readOnly;
    regions[Number(address / REGION_BYTES)] = region(address, bytes, false);
    const stack = new Uint8Array(STACK_FRAME_BYTES * MAX_CALL_DEPTH);
    regions.push(region(STACK_ADDRESS, stack, true, program.version === 0));
    regions.push(region(HEAP_ADDRESS, new Uint8Array(heapBytes), true));
    regions.push(region(INPUT_ADDRESS, input, true));
    this.regions = regions;
    this.log = log;
  }

  /** Loads into register `d`. @throws {VmFault} on an access violation */
  load(low: number, high: number, size: number, registers: Uint32Array, d: number): void {
    const { view, offset } = this.#find(low, high, size, false);
    const at = 2 * d;
    registers[at + 1] = size === 8 ? view.getUint32(offset + 4, true) : 0;
    registers[at] =
      size === 1
        ? view.getUint8(offset)
        : size === 2
          ? view.getUint16(offset, true)
          : view.getUint32(offset, true);
    this.log?.add(
      false,
      low,
      high,
      size,
      registers[at]!,
      registers[at + 1]!,
      registers[at]!,
      registers[at + 1]!,
    );
  }

  /** Stores the lowest `size` bytes of a value. @throws {VmFault} on an access violation */
  store(low: number, high: number, size: number, valueLow: number, valueHigh: number): void {
    const { view, offset } = this.#find(low, high, size, true);
    if (this.log !== undefined) this.#logStore(this.log, view, offset, low, high, size, valueLow, valueHigh);
    if (size === 1) view.setUint8(offset, valueLow);
    else if (size === 2) view.setUint16(offset, valueLow, true);
    else {
      view.setUint32(offset, valueLow, true);
      if (size === 8) view.setUint32(offset + 4, valueHigh, true);
    }
  }

  #logStore(
    log: AccessLog,
    view: DataView,
    offset: number,
    low: number,
    high: number,
    size: number,
    valueLow: number,
    valueHigh: number,
  ): void {
    const mask = size === 1 ? 0xff : size === 2 ? 0xffff : 0xffffffff;
    const before =
      size === 1
        ? view.getUint8(offset)
        : size === 2
          ? view.getUint16(offset, true)
          : view.getUint32(offset, true);
    const wide = size === 8;
    log.add(
      true,
      low,
      high,
      size,
      (valueLow & mask) >>> 0,
      wide ? valueHigh : 0,
      before,
      wide ? view.getUint32(offset + 4, true) : 0,
    );
  }

  /**
   * What a system call reads: a view of the memory.
   * @throws {VmFault} on an access violation
   */
  read(address: bigint, length: bigint): Uint8Array {
    const bytes = this.#slice(address, length, false);
    this.#logBytes(false, address, bytes, bytes);
    return bytes;
  }

  /**
   * Checks that a system call may write there, and gives the memory; what is done with it is noted by
   * {@link Memory.write} alone.
   * @throws {VmFault} on an access violation
   */
  writable(address: bigint, length: bigint): Uint8Array {
    return this.#slice(address, length, true);
  }

  /** Writes for a system call. @throws {VmFault} on an access violation */
  write(address: bigint, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const target = this.writable(address, BigInt(bytes.length));
    this.#logBytes(true, address, bytes, target);
    target.set(bytes);
  }

  /** Behind the end of a frame of v0 a range goes on in the next frame, not in the gap between them. */
  #logBytes(store: boolean, address: bigint, bytes: Uint8Array, before: Uint8Array): void {
    if (this.log === undefined) return;
    const gapped = this.regions[Number(address / REGION_BYTES)]?.gapped === true;
    let at = 0;
    for (let start = address; at < bytes.length; ) {
      const inFrame = STACK_FRAME_BYTES - Number(start % BigInt(STACK_FRAME_BYTES));
      const end = gapped ? Math.min(bytes.length, at + inFrame) : bytes.length;
      this.log.addBytes(store, start, bytes.subarray(at, end), before.subarray(at, end));
      start += BigInt(end - at + STACK_FRAME_BYTES);
      at = end;
    }
  }

  #slice(address: bigint, length: bigint, write: boolean): Uint8Array {
    if (length === 0n) return new Uint8Array();
    scratch[0] = address;
    const found = length < REGION_BYTES ? this.#at(halves[0]!, halves[1]!, Number(length), write) : undefined;
    if (found === undefined) throw accessViolation(this.regions, write, address, length);
    return found.bytes.subarray(this.#offset, this.#offset + Number(length));
  }

  #offset = 0;
  readonly #found: { view: DataView; offset: number } = { view: new DataView(new ArrayBuffer(0)), offset: 0 };

  #find(low: number, high: number, size: number, write: boolean): { view: DataView; offset: number } {
    const region = this.#at(low, high, size, write);
    if (region === undefined) {
      halves[0] = low;
      halves[1] = high;
      throw accessViolation(this.regions, write, scratch[0]!, BigInt(size));
    }
    this.#found.view = region.view;
    this.#found.offset = this.#offset;
    return this.#found;
  }

  /** Region of an access, its place in `#offset`; undefined where the access is not allowed. */
  #at(low: number, high: number, size: number, write: boolean): Region | undefined {
    const region = this.regions[high];
    if (region === undefined || (write && !region.writable)) return undefined;
    let offset = low;
    if (region.gapped) {
      if ((low & STACK_FRAME_BYTES) !== 0) return undefined;
      offset = (low - (low & FRAME_MASK)) / 2 + (low & FRAME_MASK);
    }
    if (offset + size > region.bytes.length) return undefined;
    this.#offset = offset;
    return region;
  }
}

function region(address: bigint, bytes: Uint8Array, writable: boolean, gapped = false): Region {
  return {
    address,
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    writable,
    gapped,
  };
}
