import { ed25519KeyPair } from '@polyproof/svm';

export const FAUCET_SEED = new Uint8Array(32).fill(0xfa);

export const faucetAddress = ed25519KeyPair(FAUCET_SEED).address;
