import { PolyproofError } from '@polyproof/base';

export class HashingError extends PolyproofError<'HASHING_NOT_READY'> {}

/** An account that cannot exist, or bytes that do not encode one. */
export class AccountError extends PolyproofError<'BAD_ACCOUNT' | 'BAD_ACCOUNT_BYTES'> {}

/** A tree node that the store does not hold: the store is only part of the tree, or it lost data. */
export class MissingNodeError extends PolyproofError<'MISSING_NODE'> {}

/** Stored bytes that do not encode a tree node. */
export class TreeNodeError extends PolyproofError<'BAD_NODE_BYTES'> {}

/** A proof that does not show what it claims, or bytes that do not encode one. */
export class TreeProofError extends PolyproofError<'BAD_TREE_PROOF' | 'BAD_TREE_PROOF_BYTES'> {}
