export { WitnessBatchSource } from './batch-source.js';
export { type DemoResult, demo } from './commands/demo.js';
export { DEVNET_CONFIG, type DevnetConfig, REPOSITORY } from './config.js';
export { developmentKeypair, type Keypair } from './development-keys.js';
export { Devnet } from './devnet.js';
export { NodeError, type NodeErrorCode } from './errors.js';
export { signatureOf, signTransfer } from './sign-transfer.js';
