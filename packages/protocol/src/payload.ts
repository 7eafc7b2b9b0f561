import type { MessageInitShape } from '@bufbuild/protobuf';
import { fromHex, toHex } from '@polyproof/base';
import { type BlobHash, checkBlobHash } from './blobs/blob-store.js';
import { ProtocolError } from './errors.js';
import type {
  BlobRef,
  BlobRefSchema,
  Payload,
  PayloadSchema,
} from './generated/polyproof/prover/v1/prover_pb.js';

export type PayloadInit = MessageInitShape<typeof PayloadSchema>;

/** Contents up to this travel with their message: a round trip less. */
export const INLINE_BYTES = 64 * 1024;

export function refOf(hash: BlobHash, bytes: number): MessageInitShape<typeof BlobRefSchema> {
  return { hash: fromHex(hash), bytes: BigInt(bytes) };
}

/** A content as it travels. @param store - keeps what is too large for a message, and names it */
export async function toPayload(
  content: Uint8Array,
  store: (content: Uint8Array) => Promise<BlobHash>,
): Promise<PayloadInit> {
  if (content.length <= INLINE_BYTES) return { content: { case: 'inline', value: content } };
  return { content: { case: 'blob', value: refOf(await store(content), content.length) } };
}

/**
 * The content of a payload. @param fetch - gets a blob
 * @throws {ProtocolError} `BAD_REQUEST` for none, or a name that is none
 */
export async function readPayload(
  payload: Payload | undefined,
  fetch: (hash: BlobHash, bytes: number) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const content = payload?.content;
  if (content?.case === 'inline') return content.value;
  if (content?.case === 'blob') return fetch(hashOf(content.value), Number(content.value.bytes));
  throw new ProtocolError('BAD_REQUEST', 'there is neither a content nor a blob where one is needed.');
}

export function hashOf(ref: BlobRef): BlobHash {
  return checkBlobHash(toHex(ref.hash).slice(2));
}
