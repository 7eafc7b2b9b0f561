import { serveFrames } from '@polyproof/base';
import { SignatureCheck } from './signature-check.js';
import { decodeTransactions, encodeVerdicts } from './signature-protocol.js';
import { NO_CONTEXT, wireTransaction } from './wire-message.js';

/** Entry of a process that verifies signatures: see SignaturePool. */

const check = new SignatureCheck();

serveFrames((frame) =>
  encodeVerdicts(decodeTransactions(frame).map((wire) => check.verify(wireTransaction(wire, NO_CONTEXT)))),
);
