/** What measurements of proving need beside {@link UltraHonk}: bb itself, and circuits on their own. */
export { circuitFile, readBytecode } from './artifacts/manifest.js';
export { startBb, stopBb } from './bb.js';
export { solidityVerifierFor } from './srs/patch.js';
export { solve } from './ultra-honk.js';
