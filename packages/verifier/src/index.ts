export * from './answers.js';
export * from './bls.js';
export * from './certificate.js';
