import { CALL, LDDW } from './opcodes.js';
import { type Instructions, type SbpfVersion, UNRESOLVED } from './program.js';
import { SYSCALL_NUMBERS } from './syscalls/syscall-names.js';

/**
 * Bytecode as columns, its calls resolved.
 * @param functions - of v0: slots of functions by the hash that calls carry
 */
export function decodeInstructions(
  text: Uint8Array,
  version: SbpfVersion,
  functions: ReadonlyMap<number, number>,
): Instructions {
  const length = text.length >> 3;
  const view = new DataView(text.buffer, text.byteOffset, text.length);
  const decoded: Instructions = {
    length,
    opcode: new Uint8Array(length),
    dst: new Uint8Array(length),
    src: new Uint8Array(length),
    offset: new Int16Array(length),
    immediate: new Int32Array(length),
    high: new Uint32Array(length),
    call: new Int32Array(length).fill(UNRESOLVED),
  };
  for (let slot = 0; slot < length; slot++) {
    const at = 8 * slot;
    const opcode = text[at]!;
    const immediate = view.getInt32(at + 4, true);
    const src = text[at + 1]! >> 4;
    decoded.opcode[slot] = opcode;
    decoded.dst[slot] = text[at + 1]! & 15;
    decoded.src[slot] = src;
    decoded.offset[slot] = view.getInt16(at + 2, true);
    decoded.immediate[slot] = immediate;
    decoded.high[slot] =
      opcode === LDDW && slot + 1 < length ? view.getUint32(at + 12, true) : immediate < 0 ? 0xffffffff : 0;
    if (opcode !== CALL) continue;
    const syscall = version === 0 || src === 0 ? SYSCALL_NUMBERS.get(immediate >>> 0) : undefined;
    if (syscall !== undefined) decoded.call[slot] = -2 - syscall;
    else if (version === 0) decoded.call[slot] = functions.get(immediate >>> 0) ?? UNRESOLVED;
    else if (src === 1) {
      const target = slot + 1 + immediate;
      if (target >= 0 && target < length) decoded.call[slot] = target;
    }
  }
  return decoded;
}
