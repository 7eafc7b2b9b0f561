import { DEVELOPMENT_ACCOUNTS } from '@polyproof/chain';
import { type Abi, createPublicClient, createWalletClient, encodeDeployData, type Hex, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';

/** A reader of a local chain, and a way to put any contract on it and to send to it. */
export function localContracts(rpcUrl: string) {
  const transport = http(rpcUrl);
  const account = privateKeyToAccount(DEVELOPMENT_ACCOUNTS[0]!.privateKey);
  const reader = createPublicClient({ chain: foundry, transport, pollingInterval: 10 });
  const wallet = createWalletClient({ chain: foundry, transport, account });
  const send = async (to: Hex | null, data: Hex) =>
    reader.waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to, data }) });
  const deploy = async (contract: { abi: Abi; bytecode: Hex; args?: readonly unknown[] }): Promise<Hex> => {
    const { contractAddress } = await send(null, encodeDeployData(contract));
    return contractAddress!;
  };
  return { account, reader, send, deploy };
}
