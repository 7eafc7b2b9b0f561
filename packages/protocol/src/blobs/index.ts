export { BlobClient } from './blob-client.js';
export {
  BlobError,
  type BlobErrorCode,
  type BlobHash,
  type BlobSource,
  type BlobStore,
  blobHash,
  eraseOld,
  readBlob,
  type StoredBlob,
} from './blob-store.js';
export { FileBlobStore } from './file-blob-store.js';
export { FixedFiles } from './fixed-files.js';
export { S3BlobStore, type S3BlobStoreOptions } from './s3-blob-store.js';
export type { S3Credentials } from './signature-v4.js';
export { Uploads } from './uploads.js';
