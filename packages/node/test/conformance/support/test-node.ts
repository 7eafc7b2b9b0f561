import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import { RollupNode } from '../../../src/rollup-node.js';
import { ROLLUP_NODE_CONFIG } from '../../../src/rollup-node-config.js';

export interface TestNodeOptions {
  /** Default: `any`. */
  execution?: 'any' | 'zk';
  /** accounts in the form of the Solana command line */
  genesis?: unknown[];
}

/** A node of a new rollup on free ports, with blocks that come fast and batches that are soon final. */
export class TestNode {
  readonly #directory: string;
  readonly #options: TestNodeOptions;
  #node!: RollupNode;
  #port = 0;

  private constructor(options: TestNodeOptions) {
    this.#directory = mkdtempSync(join(tmpdir(), 'polyproof-conformance-'));
    this.#options = options;
  }

  static async start(options: TestNodeOptions = {}): Promise<TestNode> {
    const node = new TestNode(options);
    await node.#open();
    return node;
  }

  get url(): string {
    return this.#node.rpc.url;
  }

  get webSocketUrl(): string {
    return this.#node.rpc.webSocketUrl;
  }

  /** Stops the node and starts it again on the same data and ports. */
  async restart(): Promise<void> {
    await this.#node.close();
    await this.#open();
  }

  async close(): Promise<void> {
    await this.#node.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #open(): Promise<void> {
    const { execution = 'any', genesis } = this.#options;
    const genesisFile = join(this.#directory, 'genesis.json');
    if (genesis !== undefined) writeFileSync(genesisFile, JSON.stringify(genesis));
    const config = ROLLUP_NODE_CONFIG.parse({
      dataDirectory: this.#directory,
      rpcPort: this.#port,
      execution,
      ...(genesis === undefined ? {} : { genesisFile }),
      blockTimeMs: 100,
      batchTimeoutMs: 300,
      executors: 1,
    });
    this.#node = await RollupNode.start(config, { logger: silentLogger });
    this.#port = Number(new URL(this.url).port);
  }
}
