import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import { RollupNode } from '../../../src/rollup-node.js';
import { ROLLUP_NODE_CONFIG } from '../../../src/rollup-node-config.js';

/** A node of a new rollup on free ports, with blocks that come fast and batches that are soon final. */
export class TestNode {
  readonly #directory: string;
  readonly #execution: 'any' | 'zk';
  #node!: RollupNode;
  #port = 0;

  private constructor(execution: 'any' | 'zk') {
    this.#directory = mkdtempSync(join(tmpdir(), 'polyproof-conformance-'));
    this.#execution = execution;
  }

  static async start({ execution = 'any' }: { execution?: 'any' | 'zk' } = {}): Promise<TestNode> {
    const node = new TestNode(execution);
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
    const config = ROLLUP_NODE_CONFIG.parse({
      dataDirectory: this.#directory,
      rpcPort: this.#port,
      execution: this.#execution,
      blockTimeMs: 100,
      batchTimeoutMs: 300,
      executors: 1,
    });
    this.#node = await RollupNode.start(config, { logger: silentLogger });
    this.#port = Number(new URL(this.url).port);
  }
}
