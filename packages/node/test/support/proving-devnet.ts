import { silentLogger } from '@polyproof/base';
import { DEVNET_CONFIG, Devnet } from '../../src/index.js';

/** A local network with a prover and a short commit window, which makes blocks and batches when it is told to. */
export function startProvingDevnet(
  dataDirectory: string,
  settings: Record<string, unknown>,
): Promise<Devnet> {
  const ports = { rpcPort: 0, baseChainPort: 0, aggregatorPort: 0 };
  const config = DEVNET_CONFIG.parse({
    ...{ dataDirectory, automatic: false, provers: 1, commitWindow: 1 },
    ...ports,
    ...settings,
  });
  return Devnet.start(config, { logger: silentLogger });
}
