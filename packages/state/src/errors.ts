import { PolyproofError } from '@polyproof/base';

export class HashingError extends PolyproofError<'HASHING_NOT_READY' | 'HASHING_CLOSED'> {}

/** An account that cannot exist, or bytes that do not encode one. */
export class AccountError extends PolyproofError<'BAD_ACCOUNT' | 'BAD_ACCOUNT_BYTES'> {}

/** A tree node that the store does not hold: the store is only part of the tree, or it lost data. */
export class MissingNodeError extends PolyproofError<'MISSING_NODE'> {}

/** Stored bytes that do not encode a tree node. */
export class TreeNodeError extends PolyproofError<'BAD_NODE_BYTES'> {}

/** A proof that does not show what it claims, or bytes that do not encode one. */
export class TreeProofError extends PolyproofError<'BAD_TREE_PROOF' | 'BAD_TREE_PROOF_BYTES'> {}

/** Stored bytes that are not part of an account tree: damaged, or written by something else. */
export class TreePageError extends PolyproofError<'BAD_TREE_PAGE' | 'BAD_TREE_HEAD'> {}

/** A use of the account tree that its state does not allow. */
export class AccountTreeError extends PolyproofError<
  'VERSION_NOT_KEPT' | 'OUTDATED_UPDATE' | 'UPDATE_UNDER_WAY' | 'BAD_OPTIONS' | 'TREE_CLOSED'
> {}
