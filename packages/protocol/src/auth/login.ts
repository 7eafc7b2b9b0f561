import { fromHex, type Hex, toHex } from '@polyproof/base';
import { recoverTypedDataAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

/** What an operator's key signs to log its provers in. */
export interface Login {
  operator: Hex;
  /** `scheme://host:port` that the prover connected to: a login is worthless at another server */
  server: string;
  /** of the base chain */
  chainId: bigint;
  /** as the server gave it */
  challenge: Uint8Array;
}

/** The login as EIP-712 typed data. */
function typedData({ operator, server, chainId, challenge }: Login) {
  return {
    domain: { name: 'Polyproof', version: '1', chainId },
    types: {
      ProverLogin: [
        { name: 'operator', type: 'address' },
        { name: 'server', type: 'string' },
        { name: 'challenge', type: 'bytes' },
      ],
    },
    primaryType: 'ProverLogin',
    message: { operator, server, challenge: toHex(challenge) },
  } as const;
}

export function operatorOf(privateKey: Hex): Hex {
  return privateKeyToAccount(privateKey).address.toLowerCase() as Hex;
}

/** @returns signature of 65 bytes */
export async function signLogin(login: Login, privateKey: Hex): Promise<Uint8Array> {
  return fromHex(await privateKeyToAccount(privateKey).signTypedData(typedData(login)));
}

/** Whether the operator signed exactly this login. Any bytes may be given. */
export async function isSigned(login: Login, signature: Uint8Array): Promise<boolean> {
  try {
    const signer = await recoverTypedDataAddress({ ...typedData(login), signature: toHex(signature) });
    return signer.toLowerCase() === login.operator.toLowerCase();
  } catch {
    return false; // no signature at all
  }
}
