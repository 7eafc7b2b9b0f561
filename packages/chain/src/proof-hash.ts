import { type Address, concat, type Hex, keccak256 } from 'viem';

/** What an operator commits to: keccak256(abi.encodePacked(keccak256(proof), operator)). */
export function proofHash(proof: Uint8Array, operator: Address): Hex {
  return keccak256(concat([keccak256(proof), operator]));
}
