import { createPrivateKey, createPublicKey } from 'node:crypto';

export const FAUCET_SEED = new Uint8Array(32).fill(0xfa);

function addressOf(seed: Uint8Array): Uint8Array {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  const key = createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));
}

export const faucetAddress = addressOf(FAUCET_SEED);
