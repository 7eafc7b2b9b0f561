import type { connectNodeAdapter } from '@connectrpc/connect-node';
import { type Logger, PolyproofError } from '@polyproof/base';
import {
  BlobError,
  type BlobErrorCode,
  type BlobHash,
  type BlobSource,
  checkBlobHash,
  missing,
} from './blob-store.js';
import type { Uploads } from './uploads.js';

type Handler = ReturnType<typeof connectNodeAdapter>;
export type NodeServerRequest = Parameters<Handler>[0];
type NodeServerResponse = Parameters<Handler>[1];

export interface BlobServerModules {
  /** looked at in this order */
  sources: readonly BlobSource[];
  uploads: Uploads;
  logger: Logger;
}

export const BLOB_PATH = '/blobs/';
/** How many bytes of an incomplete blob are there. */
export const RECEIVED_HEADER = 'upload-received';
export const CODE_HEADER = 'error-code';

const STATUS: Readonly<Record<BlobErrorCode, number>> = {
  BAD_BLOB_NAME: 400,
  BLOB_MISSING: 404,
  WRONG_OFFSET: 409,
  BLOB_TOO_LARGE: 413,
  BLOB_CORRUPT: 422,
  STORAGE_FAILED: 500,
  INTERRUPTED: 500,
  STORAGE_FULL: 507,
};

/**
 * Blobs over HTTP. `GET` and `HEAD` of `/blobs/HASH`, with `Range: bytes=N-` to go on; `PUT` with
 * `Content-Range: bytes FIRST-LAST/TOTAL` sends a part, and `HEAD` of an incomplete one says in `upload-received` where to go on.
 */
export async function serveBlob(
  request: NodeServerRequest,
  response: NodeServerResponse,
  modules: BlobServerModules,
): Promise<void> {
  try {
    const hash = checkBlobHash((request.url ?? '').slice(BLOB_PATH.length));
    if (request.method === 'GET' || request.method === 'HEAD') await send(hash, request, response, modules);
    else if (request.method === 'PUT') await receive(hash, request, response, modules);
    else answer(response, 405, { allow: 'GET, HEAD, PUT' });
  } catch (error) {
    if (!(error instanceof BlobError)) {
      // Who goes away in the middle is not told anything.
      if (request.destroyed || response.destroyed) return;
      modules.logger.error('a request for a blob failed', { method: request.method }, error);
    }
    if (response.headersSent) return void response.destroy();
    const { code, message, details } =
      error instanceof BlobError
        ? error
        : new PolyproofError('STORAGE_FAILED', 'The request failed: see the log of the aggregator.');
    const received = details.received === undefined ? {} : { [RECEIVED_HEADER]: String(details.received) };
    answer(response, STATUS[code as BlobErrorCode], { [CODE_HEADER]: code, ...received }, message);
  }
}

async function send(
  hash: BlobHash,
  request: NodeServerRequest,
  response: NodeServerResponse,
  { sources, uploads }: BlobServerModules,
): Promise<void> {
  for (const source of sources) {
    const bytes = await source.size(hash);
    if (bytes === undefined) continue;
    const range = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers.range ?? ''));
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Math.min(bytes, Number(range[2]) + 1) : bytes;
    const headers = { 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream' };
    if (start > bytes || start > end) return answer(response, 416, { 'content-range': `bytes */${bytes}` });
    response.writeHead(range === null ? 200 : 206, {
      ...headers,
      'content-length': end - start,
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${bytes}` }),
    });
    if (request.method === 'GET')
      for await (const part of source.read(hash, start, end))
        if (!response.write(part as never)) await drained(response);
    response.end();
    return;
  }
  const received = await uploads.received(hash);
  const { code, message } = missing(hash);
  answer(response, 404, { [CODE_HEADER]: code, [RECEIVED_HEADER]: String(received) }, message);
}

async function receive(
  hash: BlobHash,
  request: NodeServerRequest,
  response: NodeServerResponse,
  { uploads }: BlobServerModules,
): Promise<void> {
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(String(request.headers['content-range'] ?? ''));
  const offset = Number(range?.[1] ?? 0);
  const total = Number(range?.[2] ?? request.headers['content-length'] ?? Number.NaN);
  if (!Number.isSafeInteger(total)) return answer(response, 411, {}, 'say how long the blob is.');
  const length = await uploads.append(hash, { offset, total, content: request as AsyncIterable<Uint8Array> });
  answer(response, length === total ? 201 : 202, { [RECEIVED_HEADER]: String(length) });
}

function answer(
  response: NodeServerResponse,
  status: number,
  headers: Record<string, string>,
  text = '',
): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(text);
}

/** Resolves when more can be written; rejects when nobody reads any more. */
function drained(response: NodeServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      response.off('drain', settle).off('close', settle);
      if (response.destroyed) reject(new BlobError('BLOB_MISSING', 'the reader went away.'));
      else resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
}
