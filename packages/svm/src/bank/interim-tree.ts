import { type Field, fieldFromBytes, fieldToBytes } from '@polyproof/base';
import {
  type AccountTree,
  type AccountTreeTables,
  accountKey,
  accountValue,
  decodeAccount,
  decodeNode,
  encodeNode,
  initHashing,
  type NodeStore,
  type PreparedUpdate,
  RecordingNodeStore,
  StateTree,
  type TableWriter,
  type TreeChange,
  type TreeNode,
  type TreeProof,
} from '@polyproof/state';
import { numberKey, readNumber } from './keys.js';

/** What a bank needs of a tree of accounts. */
export type BankTree = Pick<
  AccountTree,
  | 'root'
  | 'version'
  | 'prepare'
  | 'seal'
  | 'rollBack'
  | 'write'
  | 'adopt'
  | 'rootOf'
  | 'prove'
  | 'nodesFor'
  | 'depthBound'
  | 'close'
>;

interface Update extends PreparedUpdate {
  nodes: Map<Field, TreeNode>;
  /** roots of versions from `roots.from` on are replaced */
  sealed?: Field;
}

/** Stands in for the account tree until that is there: content-addressed nodes, never pruned. */
export class InterimTree implements BankTree {
  readonly #tables: AccountTreeTables;
  readonly #roots: Field[] = [0n];
  #root: Field = 0n;

  static async open(modules: { tables: AccountTreeTables }): Promise<InterimTree> {
    await initHashing();
    return new InterimTree(modules.tables);
  }

  private constructor(tables: AccountTreeTables) {
    this.#tables = tables;
    for (const { key, value } of tables.history.getRange())
      this.#roots[Number(readNumber(key))] = fieldFromBytes(value);
    this.#root = this.#roots.pop()!;
    if (this.#roots.length === 0) this.#roots.push(0n);
  }

  get root(): Field {
    return this.#root;
  }

  get version(): bigint {
    return BigInt(this.#roots.length);
  }

  async prepare(changes: readonly TreeChange[]): Promise<PreparedUpdate> {
    const nodes = new Map<Field, TreeNode>();
    const base = this.#store;
    const store: NodeStore = {
      get: (hash) => nodes.get(hash) ?? base.get(hash),
      put: (hash, node) => void nodes.set(hash, node),
    };
    const tree = new StateTree(store, this.#root);
    const values = changes.map(
      ([address, bytes]) =>
        [accountKey(address), bytes === null ? null : accountValue(decodeAccount(bytes))] as const,
    );
    const root = tree.update(new Map(values));
    return { root, version: this.version, nodes } as Update;
  }

  seal(): PreparedUpdate {
    return { root: this.#root, version: this.version + 1n, nodes: new Map(), sealed: this.#root } as Update;
  }

  rollBack(version: bigint): PreparedUpdate {
    return { root: this.#roots[Number(version)]!, version: version + 1n, nodes: new Map() } as Update;
  }

  write(update: PreparedUpdate, writer: TableWriter): void {
    const { nodes, root, version, sealed } = update as Update;
    for (const [hash, node] of nodes)
      writer.put(this.#tables.pages, Buffer.from(fieldToBytes(hash)), Buffer.from(encodeNode(node)));
    if (sealed !== undefined)
      writer.put(this.#tables.history, numberKey(version - 1n), Buffer.from(fieldToBytes(sealed)));
    for (let later = version + 1n; later <= this.version; later++)
      writer.remove(this.#tables.history, numberKey(later));
    writer.put(this.#tables.history, numberKey(version), Buffer.from(fieldToBytes(root)));
  }

  adopt(update: PreparedUpdate): void {
    const { root, version, sealed } = update as Update;
    if (sealed !== undefined) this.#roots.push(sealed);
    this.#roots.length = Number(version);
    this.#root = root;
  }

  rootOf(version: bigint): Field | undefined {
    return version === this.version ? this.#root : this.#roots[Number(version)];
  }

  prove(address: Uint8Array, version?: bigint): TreeProof {
    return this.#at(version).prove(accountKey(address));
  }

  nodesFor(addresses: readonly Uint8Array[], version?: bigint): TreeNode[] {
    const recording = new RecordingNodeStore(this.#store);
    const tree = new StateTree(recording, this.rootOf(version ?? this.version)!);
    for (const address of addresses) {
      const { siblings } = tree.locate(accountKey(address));
      for (const sibling of siblings) recording.get(sibling);
    }
    return [...recording.recorded.values()];
  }

  depthBound(key: Field, version?: bigint): number {
    return this.#at(version).depthBound(key);
  }

  async close(): Promise<void> {}

  #at(version = this.version): StateTree {
    return new StateTree(this.#store, this.rootOf(version)!);
  }

  get #store(): NodeStore {
    return {
      get: (hash) => {
        const bytes = this.#tables.pages.get(Buffer.from(fieldToBytes(hash)));
        return bytes === undefined ? undefined : decodeNode(bytes);
      },
      put: () => {},
    };
  }
}
