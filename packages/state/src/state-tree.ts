import { type Field, toField } from '@polyproof/base';
import { MissingNodeError } from './errors.js';
import type { NodeStore } from './node-store.js';
import { byDigit, type Children, commonPathLength, pathDigit } from './path.js';
import { hashNode, type TreeNode } from './tree-node.js';
import { type Siblings, siblingsOf, type TreeProof } from './tree-proof.js';

/** Where a key sits or would sit: its proof, and the only other child of the last node on its path, if it is alone. */
export interface TreePlace extends TreeProof {
  neighbour: TreeNode | undefined;
}

interface Entry {
  key: Field;
  value: Field;
}

/** A subtree after a change. `node` is unknown where nothing in it changed and it had not to be read. */
interface Subtree {
  hash: Field;
  node?: TreeNode;
}

const EMPTY: Subtree = { hash: 0n };

/**
 * A compact sparse Merkle tree with four children a node: a leaf sits at the shortest prefix of its key's path that
 * no other leaf has, inner nodes exist only above two leaves or more, and an empty subtree is 0. The root depends on
 * the set of keys and values alone, not on the order in which they came.
 *
 * All methods throw {@link MissingNodeError} where the store does not hold a node that they need.
 */
export class StateTree {
  readonly #store: NodeStore;
  #root: Field;

  constructor(store: NodeStore, root: Field) {
    this.#store = store;
    this.#root = toField(root);
  }

  get root(): Field {
    return this.#root;
  }

  get(key: Field): Field | undefined {
    const { terminal } = this.prove(key);
    return terminal.kind === 'leaf' && terminal.key === key ? terminal.value : undefined;
  }

  /** A proof that the key is there with its value, or that it is absent. */
  prove(key: Field): TreeProof {
    toField(key);
    const siblings: Siblings[] = [];
    let hash = this.#root;
    while (hash !== 0n) {
      const node = this.#read(hash);
      if (node.kind === 'leaf') return { siblings, terminal: node };
      const digit = pathDigit(key, siblings.length);
      siblings.push(siblingsOf(node.children, digit));
      hash = node.children[digit]!;
    }
    return { siblings, terminal: { kind: 'empty' } };
  }

  /**
   * Like {@link prove}, and reads the node beside the terminal too where it is the only one. That node decides what
   * deleting the key does: whether it is a leaf (which then moves) or an inner node (which stays).
   */
  locate(key: Field): TreePlace {
    const proof = this.prove(key);
    const [lone, ...more] = proof.siblings.at(-1)?.filter((sibling) => sibling !== 0n) ?? [];
    return { ...proof, neighbour: lone === undefined || more.length > 0 ? undefined : this.#read(lone) };
  }

  /**
   * Depth at which a leaf for the key sits or would sit: one more than the longest common path with any other
   * leaf, 0 in an empty tree.
   */
  depthBound(key: Field): number {
    const { siblings, terminal } = this.prove(key);
    if (terminal.kind === 'leaf' && terminal.key !== key) return 1 + commonPathLength(key, terminal.key);
    return siblings.length;
  }

  /**
   * Sets (or, with null, deletes) many keys at once; each node above them is hashed once. Deleting an absent key
   * changes nothing. The tree keeps its old root when this throws.
   * @returns the new root, which the tree adopts
   */
  update(changes: ReadonlyMap<Field, Field | null>): Field {
    const list = [...changes];
    for (const [key, value] of list) {
      toField(key);
      if (value !== null) toField(value);
    }
    this.#root = this.#apply(this.#root, list, 0).hash;
    return this.#root;
  }

  /** Applies changes to the subtree `hash`, whose keys share their first `depth` turns. */
  #apply(hash: Field, changes: [Field, Field | null][], depth: number): Subtree {
    if (changes.length === 0) return { hash };
    const node = hash === 0n ? undefined : this.#read(hash);
    if (node?.kind !== 'inner') return this.#replaceLeaf(node, changes, depth);
    const [a, b, c, d] = byDigit(changes, ([key]) => key, depth);
    const [at, bt, ct, dt] = node.children;
    const children: Children<Subtree> = [
      this.#apply(at, a, depth + 1),
      this.#apply(bt, b, depth + 1),
      this.#apply(ct, c, depth + 1),
      this.#apply(dt, d, depth + 1),
    ];
    if (children.every((child, digit) => child.hash === node.children[digit])) return { hash, node };
    return this.#join(children);
  }

  #replaceLeaf(old: Entry | undefined, changes: [Field, Field | null][], depth: number): Subtree {
    const entries: Entry[] = [];
    if (old !== undefined && !changes.some(([key]) => key === old.key)) entries.push(old);
    for (const [key, value] of changes) if (value !== null) entries.push({ key, value });
    return this.#build(entries, depth);
  }

  #build(entries: Entry[], depth: number): Subtree {
    const [first] = entries;
    if (first === undefined) return EMPTY;
    if (entries.length === 1) return this.#write({ kind: 'leaf', key: first.key, value: first.value });
    const [a, b, c, d] = byDigit(entries, ({ key }) => key, depth);
    const child = (below: Entry[]) => this.#build(below, depth + 1);
    return this.#join([child(a), child(b), child(c), child(d)]);
  }

  /** The parent of four subtrees; a lone leaf takes its parent's place, however deep it was. */
  #join(children: Children<Subtree>): Subtree {
    const [only, ...others] = children.filter(({ hash }) => hash !== 0n);
    if (only === undefined) return EMPTY;
    if (others.length === 0) {
      const node = only.node ?? this.#read(only.hash);
      if (node.kind === 'leaf') return { hash: only.hash, node };
    }
    const [a, b, c, d] = children;
    return this.#write({ kind: 'inner', children: [a.hash, b.hash, c.hash, d.hash] });
  }

  #write(node: TreeNode): Subtree {
    const hash = hashNode(node);
    this.#store.put(hash, node);
    return { hash, node };
  }

  #read(hash: Field): TreeNode {
    const node = this.#store.get(hash);
    if (node === undefined)
      throw new MissingNodeError(
        'MISSING_NODE',
        `the tree node ${hash} is not in the store: the store holds only part of the tree under ${this.#root}.`,
        { hash, root: this.#root },
      );
    return node;
  }
}
