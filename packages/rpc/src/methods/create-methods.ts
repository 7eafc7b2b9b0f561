import type { Logger } from '@polyproof/base';
import type { MethodContext, MethodOptions } from '../context.js';
import { Faucet, type FaucetOptions } from '../faucet.js';
import { Finality } from '../finality.js';
import { PerformanceSamples } from '../performance-samples.js';
import type { RpcBank, SequencerPort, SettlementPort } from '../ports.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { accountInfoMethods } from './account-info.js';
import { airdropMethods } from './airdrop.js';
import { feeMethods } from './fees.js';
import { historyMethods } from './history.js';
import { nodeMethods } from './node.js';
import { programAccountMethods } from './program-accounts.js';
import { rollupMethods } from './rollup.js';
import { sendTransactionMethods } from './send-transaction.js';
import { signatureMethods } from './signatures.js';
import { simulateTransactionMethods } from './simulate-transaction.js';
import { slotMethods } from './slots.js';
import { supplyMethods } from './supply.js';
import { tokenMethods } from './tokens.js';

export interface CreateMethodsOptions extends MethodOptions {
  /** Account that pays airdrops; without it there is no requestAirdrop. */
  faucet?: FaucetOptions;
}

/** Every method of the JSON-RPC over HTTP. */
export function createMethods(
  options: CreateMethodsOptions,
  modules: { bank: RpcBank; sequencer: SequencerPort; settlement: SettlementPort; logger: Logger },
): { methods: RpcMethods; context: MethodContext; close(): void } {
  const context: MethodContext = { ...modules, options, finality: new Finality(modules) };
  const samples = new PerformanceSamples(modules);
  const methods = {
    ...nodeMethods(context),
    ...slotMethods(context, { samples }),
    ...feeMethods(context),
    ...accountInfoMethods(context),
    ...programAccountMethods(context),
    ...tokenMethods(context),
    ...supplyMethods(context),
    ...sendTransactionMethods(context),
    ...simulateTransactionMethods(context),
    ...signatureMethods(context),
    ...historyMethods(context),
    ...rollupMethods(context),
    ...(options.faucet === undefined ? {} : airdropMethods(new Faucet(options.faucet, modules))),
  };
  return { methods, context, close: () => samples.close() };
}
