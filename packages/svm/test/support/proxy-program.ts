import { INPUT_ADDRESS } from '../../src/sbpf/program.js';
import type { SerializedInput } from '../../src/trace/serialize-input.js';
import type { AccountMeta } from './engine-transactions.js';

const HEAP = 0x3_0000_0000n;
const PARAMETER_BYTES = 80;

/**
 * A program that copies its data to the heap, and invokes another program with the structures that it finds there. It
 * first stores and at last loads a word, wherever its data says.
 */
export const proxySource = (abi: 'c' | 'rust') => `
entrypoint:
  mov64 r8, r1
  ldxdw r3, [r2-8]
  lddw r1, ${HEAP}
  call sol_memcpy_
  lddw r6, ${HEAP}
  ldxdw r3, [r6+40]
  jeq r3, 0, invoke
  ldxdw r4, [r6+48]
  stxdw [r3+0], r4
invoke:
  ldxdw r1, [r6+0]
  ldxdw r2, [r6+8]
  ldxdw r3, [r6+16]
  ldxdw r4, [r6+24]
  ldxdw r5, [r6+32]
  call sol_invoke_signed_${abi}
  lddw r1, ${HEAP + 0x7000n}
  mov64 r2, 100
  lddw r3, ${HEAP + 0x7100n}
  call sol_get_return_data
  mov64 r2, r0
  lddw r3, ${HEAP + 0x7000n}
  ldxdw r1, [r3+0]
  ldxdw r4, [r6+56]
  jeq r4, 0, log
  ldxdw r4, [r4+0]
log:
  ldxdw r3, [r3+0x100]
  mov64 r5, 0
  call sol_log_64_
  mov64 r0, 0
  exit
`;

/**
 * Invokes itself as often as its data says, and logs how deep it is. Its first account is itself: the key at 0x400000010 is
 * program and account of what it invokes.
 */
export const RECURSOR = `  ldxdw r3, [r2+0]
  jeq r3, 0, done
  sub64 r3, 1
  lddw r6, 0x300000000
  stxdw [r6+0x100], r3
  lddw r4, 0x400000010
  stxdw [r6+0], r4
  mov64 r5, r6
  add64 r5, 0x80
  stxdw [r6+8], r5
  stdw [r6+16], 1
  mov64 r5, r6
  add64 r5, 0x100
  stxdw [r6+24], r5
  stdw [r6+32], 8
  stxdw [r6+0x80], r4
  stdw [r6+0x88], 0
  mov64 r1, r6
  mov64 r2, r6
  mov64 r3, 0
  mov64 r4, 0
  mov64 r5, 0
  call sol_invoke_signed_c
done:
  call sol_get_stack_height
  mov64 r1, r0
  call sol_log_64_
  mov64 r0, 0
  exit
`;

export interface Invocation {
  program: Uint8Array;
  accounts: AccountMeta[];
  data: Uint8Array;
  /** accounts of the caller that are described: positions among its own */
  infos: number[];
  /** each a list of seeds that the caller signs with */
  seeds?: Uint8Array[][];
  /** stored before */
  store?: { address: bigint; value: bigint };
  /** address that is loaded from and logged afterwards */
  load?: bigint;
}

/** Data for the proxy: its parameters, then structures in the layout that the system call wants. */
export function proxyData(abi: 'c' | 'rust', input: SerializedInput, invocation: Invocation): Uint8Array {
  const heap = new Heap();
  const { infos, seeds = [], store, load = 0n } = invocation;
  const instruction = abi === 'c' ? instructionC(heap, invocation) : instructionRust(heap, invocation);
  const input64 = (offset: number) => INPUT_ADDRESS + BigInt(offset);
  const described = infos.map((position) => {
    const layout = input.layouts[position]!;
    const place = (offset: number) => input64(offset);
    if (abi === 'c')
      return words(
        place(layout.key),
        place(layout.lamports),
        BigInt(layout.dataBytes),
        place(layout.data),
        place(layout.owner),
        0n,
        0n,
      );
    const lamports = heap.put(words(1n, 1n, 0n, place(layout.lamports)));
    const data = heap.put(words(1n, 1n, 0n, place(layout.data), BigInt(layout.dataBytes)));
    return words(place(layout.key), lamports, data, place(layout.owner), 0n, 0n);
  });
  const infosAt = heap.put(join(described));
  const lists = seeds.map((list) => {
    const slices = list.map((seed) => words(heap.put(seed), BigInt(seed.length)));
    return words(heap.put(join(slices)), BigInt(list.length));
  });
  const signersAt = heap.put(join(lists));
  const parameters = words(
    instruction,
    infosAt,
    BigInt(infos.length),
    signersAt,
    BigInt(seeds.length),
    store?.address ?? 0n,
    store?.value ?? 0n,
    load,
  );
  return heap.bytes(parameters);
}

function instructionC(heap: Heap, { program, accounts, data }: Invocation): bigint {
  const metas = accounts.map(({ key, signer, writable }) => {
    const meta = words(heap.put(key), 0n);
    meta[8] = writable === true ? 1 : 0;
    meta[9] = signer === true ? 1 : 0;
    return meta;
  });
  return heap.put(
    words(
      heap.put(program),
      heap.put(join(metas)),
      BigInt(accounts.length),
      heap.put(data),
      BigInt(data.length),
    ),
  );
}

function instructionRust(heap: Heap, { program, accounts, data }: Invocation): bigint {
  const metas = accounts.map(({ key, signer, writable }) =>
    join([key, Uint8Array.of(signer === true ? 1 : 0, writable === true ? 1 : 0)]),
  );
  const count = BigInt(accounts.length);
  const length = BigInt(data.length);
  return heap.put(
    join([words(heap.put(join(metas)), count, count, heap.put(data), length, length), program]),
  );
}

/** Structures at addresses of the heap, behind the parameters. */
class Heap {
  readonly #parts: Uint8Array[] = [];
  #end = PARAMETER_BYTES;

  put(bytes: Uint8Array): bigint {
    const address = HEAP + BigInt(this.#end);
    const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
    padded.set(bytes);
    this.#parts.push(padded);
    this.#end += padded.length;
    return address;
  }

  bytes(parameters: Uint8Array): Uint8Array {
    const head = new Uint8Array(PARAMETER_BYTES);
    head.set(parameters);
    return join([head, ...this.#parts]);
  }
}

function words(...values: bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values).buffer);
}

function join(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
