import { silentLogger } from '@polyproof/base';
import { createTestClient, type Hex, http } from 'viem';
import {
  type Anvil,
  DEVELOPMENT_ACCOUNTS,
  type Deployment,
  deploySettlement,
  type RollupSettings,
  SettlementClient,
} from '../src/index.js';

/**
 * A verifier by hand, so that these tests need no compiler. Its calldata is verify(bytes,bytes32[]) as every
 * encoder lays it out: 4 bytes of selector, two offsets, the length of the proof at 0x44, its bytes from 0x64.
 *
 *   PUSH1 64 CALLDATALOAD PUSH0 BYTE      the first byte of the proof
 *   DUP1 PUSH1 02 EQ PUSH1 13 JUMPI       2: revert
 *   PUSH1 01 EQ PUSH0 MSTORE              1: true, else false
 *   PUSH1 20 PUSH0 RETURN
 *   JUMPDEST PUSH0 PUSH0 REVERT           (at 0x16)
 */
const VERIFIER_RUNTIME = '6064355f1a80600214601657600114 5f52 60205ff3 5b5f5ffd'.replaceAll(' ', '');
const VERIFIER_LENGTH = (VERIFIER_RUNTIME.length / 2).toString(16).padStart(2, '0');
/** PUSH1 length PUSH1 0a PUSH0 CODECOPY PUSH1 length PUSH0 RETURN, then the code. */
export const VERIFIER_BYTECODE: Hex = `0x60${VERIFIER_LENGTH}600a5f3960${VERIFIER_LENGTH}5ff3${VERIFIER_RUNTIME}`;

/** What the verifier says to a proof is its first byte; the rest makes proofs differ. */
export const proofThat = (kind: 'holds' | 'fails' | 'reverts', salt = 0): Uint8Array =>
  Uint8Array.of({ holds: 1, fails: 0, reverts: 2 }[kind], salt, 7, 7);

const [deployer, sequencerAccount, aliceAccount, bobAccount, strangerAccount] = DEVELOPMENT_ACCOUNTS;

export const STAKE = 10n ** 18n;
export const GENESIS = 0x6e0n;
export const COMMIT_WINDOW = 3;
export const REVEAL_WINDOW = 3;
export const SHARE_WINDOW = 2;
export const PENALTIES = { wrongProofWei: 9n, missedRevealWei: 4n, failedRoundWei: 3n };

export const ROLLUP: RollupSettings = {
  rollupId: 7n,
  genesisStateRoot: GENESIS,
  configHash: 0xc0fn,
  keySetRoot: 0x4e1n,
  sequencer: sequencerAccount!.address,
  windows: { commitWindow: COMMIT_WINDOW, revealWindow: REVEAL_WINDOW, shareWindow: SHARE_WINDOW },
  rewards: { priceWei: 5n },
  penalties: PENALTIES,
  minimumStakeWei: STAKE,
  lamportsPerSignature: 5_000n,
  refusedRecipients: [new Uint8Array(32)],
};

export const deploy = (rpcUrl: string, rollup: Partial<RollupSettings> = {}): Promise<Deployment> =>
  deploySettlement(
    {
      rpcUrl,
      pollingIntervalMs: 10,
      deployerKey: deployer!.privateKey,
      verifierBytecode: VERIFIER_BYTECODE,
      rollup: { ...ROLLUP, ...rollup },
    },
    { logger: silentLogger },
  );

export interface World {
  deployment: Deployment;
  sequencer: SettlementClient;
  alice: SettlementClient;
  bob: SettlementClient;
  /** Not an operator. */
  stranger: SettlementClient;
  /** Has no key. */
  reader: SettlementClient;
  mine(blocks: number): Promise<void>;
  /** Mines until the next transaction gets into the first block of the reveal window. */
  mineToReveal(sequence: bigint): Promise<void>;
}

export function clientsOf(rpcUrl: string, deployment: Deployment) {
  const client = (privateKey?: Hex) =>
    new SettlementClient(
      { rpcUrl, deployment, pollingIntervalMs: 10, ...(privateKey === undefined ? {} : { privateKey }) },
      { logger: silentLogger },
    );
  return {
    sequencer: client(sequencerAccount!.privateKey),
    alice: client(aliceAccount!.privateKey),
    bob: client(bobAccount!.privateKey),
    stranger: client(strangerAccount!.privateKey),
    reader: client(),
  };
}

/** New contracts on a chain, with Alice and Bob as operators. */
export async function createWorld(anvil: Anvil): Promise<World> {
  const deployment = await deploy(anvil.url);
  const clients = clientsOf(anvil.url, deployment);
  await clients.alice.registerOperator(STAKE);
  await clients.bob.registerOperator(STAKE);
  const miner = createTestClient({ mode: 'anvil', transport: http(anvil.url) });
  const mine = (blocks: number) => miner.mine({ blocks });
  return {
    deployment,
    ...clients,
    mine,
    async mineToReveal(sequence) {
      const { firstRevealBlock } = (await clients.reader.windows(sequence))!;
      await mine(Number(firstRevealBlock - 1n - (await clients.reader.blockNumber())));
    },
  };
}
