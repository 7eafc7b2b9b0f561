export { decodeMeta } from '../runtime/engine/meta-codec.js';
