export { WitnessBatchSource } from './batch-source.js';
export { type DemoResult, demo } from './commands/demo.js';
export { DEVNET_CONFIG, type DevnetConfig } from './config.js';
export { Devnet } from './devnet.js';
export { NodeError } from './errors.js';
