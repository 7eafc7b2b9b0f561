import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromHex, type Hex, silentLogger } from '@polyproof/base';
import { BridgeClient, DEVELOPMENT_ACCOUNTS, ForcedInboxClient, SettlementClient } from '@polyproof/chain';
import { LOCAL_CHAIN_ID } from '@polyproof/proofs';
import { parseJson } from '@polyproof/rpc';
import { initHashing } from '@polyproof/state';
import {
  decodeBase58,
  type Exit,
  ed25519KeyPair,
  encodeBase58,
  exitAddress,
  forcedMessage,
} from '@polyproof/svm';
import { DEVNET_CONFIG } from '../config.js';
import { readDeployment } from '../deployment-file.js';
import { NodeError } from '../errors.js';
import { exitClaims } from '../exit-claims.js';
import { type AccountProofAnswer, voidEvidence } from '../void-evidence.js';
import { parseConfigFlags } from './flags.js';

const USAGE =
  'polyproof bridge deposit ADDRESS LAMPORTS, withdraw-address 0xACCOUNT, claim 0xACCOUNT, ' +
  'force KEYPAIR_FILE LAMPORTS 0xACCOUNT or void';
/** pays on a local network where no key is given */
const DEVELOPMENT_ACCOUNT = DEVELOPMENT_ACCOUNTS[5]!;

/** Moves ether between the base chain and the rollup. @throws {NodeError} `USAGE`; what the base chain refuses */
export async function bridge([action, ...args]: string[]): Promise<void> {
  const end = args.findIndex((argument) => argument.startsWith('--'));
  const [operands, flags] = end === -1 ? [args, []] : [args.slice(0, end), args.slice(end)];
  const [first = '', second = '', third = ''] = operands;
  const known = { deposit: 2, 'withdraw-address': 1, claim: 1, force: 3, void: 0 }[action ?? ''];
  if (known !== operands.length) throw new NodeError('USAGE', `say what to do: ${USAGE}.`);
  if (action === 'withdraw-address') return console.log(encodeBase58(exitAddress(accountOf(first))));
  const clients = open(flags);
  if (action === 'claim') return claim(accountOf(first), clients);
  if (action === 'force') return force(first, lamportsOf(second), accountOf(third), clients);
  if (action === 'void') return voidNext(clients);
  const { transactionHash } = await clients.bridge.deposit(addressOf(first), lamportsOf(second));
  console.log(`deposited ${second} lamports for ${first}: ${transactionHash}`);
}

type Clients = ReturnType<typeof open>;

function open(args: string[]) {
  const { flags, config } = parseConfigFlags(DEVNET_CONFIG, args, {
    own: { 'base-chain': { type: 'string' }, rollup: { type: 'string' } },
    fields: ['dataDirectory', 'host', 'rpcPort', 'baseChainPort'],
  });
  const deployment = readDeployment(config.dataDirectory);
  const rpcUrl = String(flags['base-chain'] ?? `http://${config.host}:${config.baseChainPort}`);
  const options = { rpcUrl, deployment, privateKey: keyFor(deployment.chainId) };
  const modules = { logger: silentLogger };
  return {
    bridge: new BridgeClient(options, modules),
    forced: new ForcedInboxClient(options, modules),
    settlement: new SettlementClient(options, modules),
    rollupUrl: String(flags.rollup ?? `http://${config.host}:${config.rpcPort}`),
  };
}

async function claim(recipient: Uint8Array, { bridge, settlement, rollupUrl }: Clients): Promise<void> {
  await initHashing();
  const getExits = (batch: bigint) => exitsOf(rollupUrl, batch);
  const claims = await exitClaims(recipient, { settlement, bridge, getExits });
  for (const exit of claims) {
    const { transactionHash } = await bridge.claim(exit);
    console.log(`paid ${exit.lamports} lamports of sequence ${exit.sequence}: ${transactionHash}`);
  }
  if (claims.length === 0)
    console.log('there is nothing to claim: exits are paid once their sequence is verified');
}

/** Signs a withdrawal with a keypair file of the Solana CLI, and has the base chain force it. */
async function force(
  keypairFile: string,
  lamports: bigint,
  recipient: Uint8Array,
  { forced }: Clients,
): Promise<void> {
  const { address: payer, privateKey } = ed25519KeyPair(readSeed(keypairFile));
  const blockhash = await forced.nextBlockhash(payer);
  const message = forcedMessage({ payer, recipient, lamports, blockhash });
  const signature = new Uint8Array(sign(null, message, privateKey));
  const { transactionHash } = await forced.force({ payer, recipient, lamports, signature });
  console.log(`forced a withdrawal of ${lamports} lamports from ${encodeBase58(payer)}: ${transactionHash}`);
}

/** Shows the base chain that the oldest forced withdrawal cannot be paid for. */
async function voidNext({ forced, rollupUrl }: Clients): Promise<void> {
  await initHashing();
  const [entry] = await forced.getForced({ limit: 1, confirmations: 0 });
  if (entry === undefined) return console.log('no forced withdrawal waits');
  const answer = await call<AccountProofAnswer>(rollupUrl, 'polyproof_getAccountProof', [
    encodeBase58(entry.payer),
  ]);
  if (answer === undefined)
    throw new NodeError('BAD_ANSWER', `the node at ${rollupUrl} does not prove what an account holds.`);
  const { transactionHash } = await forced.voidNext(voidEvidence(answer));
  console.log(`voided the forced withdrawal ${entry.index}: ${transactionHash}`);
}

function readSeed(path: string): Uint8Array {
  try {
    const bytes: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (Array.isArray(bytes) && bytes.length === 64) return Uint8Array.from(bytes.slice(0, 32));
  } catch {
    // said below
  }
  throw new NodeError('USAGE', `"${path}" is no keypair file of the Solana CLI: it holds 64 numbers.`);
}

/** Of a node; integers that a double cannot hold arrive as bigint. */
async function call<T>(url: string, method: string, params: unknown[]): Promise<T | undefined> {
  const request = { jsonrpc: '2.0', id: 1, method, params };
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(request) });
  return (parseJson(await response.text()) as { result?: T }).result;
}

async function exitsOf(url: string, batch: bigint): Promise<Exit[]> {
  const result = await call<{ recipient: string; lamports: string }[]>(url, 'polyproof_getExits', [
    Number(batch),
  ]);
  if (result === undefined)
    throw new NodeError('NO_SUCH_BATCH', `the node at ${url} does not tell the exits of batch ${batch}.`);
  return result.map(({ recipient, lamports }) => ({
    recipient: fromHex(recipient),
    lamports: BigInt(lamports),
  }));
}

function keyFor(chainId: number): Hex {
  const given = process.env.POLYPROOF_KEY;
  if (given !== undefined) return given as Hex;
  if (chainId === LOCAL_CHAIN_ID) return DEVELOPMENT_ACCOUNT.privateKey;
  throw new NodeError('USAGE', 'set POLYPROOF_KEY to the private key of the account that pays.');
}

function accountOf(text: string): Uint8Array {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return fromHex(text);
  throw new NodeError('USAGE', `"${text}" is no account of the base chain: give 0x and 40 hex digits.`);
}

function addressOf(text: string): Uint8Array {
  try {
    const address = decodeBase58(text);
    if (address.length === 32) return address;
  } catch {
    // said below
  }
  throw new NodeError('USAGE', `"${text}" is no account of the rollup: give its address in base 58.`);
}

function lamportsOf(text: string): bigint {
  if (/^\d+$/.test(text)) return BigInt(text);
  throw new NodeError('USAGE', `"${text}" is no number of lamports: a lamport is a gwei.`);
}
