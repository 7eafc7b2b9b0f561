import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import { REPOSITORY } from '@polyproof/node';
import { type Artifacts, buildArtifacts, LOCAL_CHAIN_ID } from '@polyproof/proofs';

/** The circuits of this tree, from the cache where they are there already. */
export function benchArtifacts(): Promise<Artifacts> {
  return buildArtifacts(
    {
      circuitsDirectory: join(REPOSITORY, 'circuits'),
      cacheDirectory: join(REPOSITORY, '.cache'),
      chainId: LOCAL_CHAIN_ID,
    },
    { logger: silentLogger },
  );
}
