import { it } from 'vitest';
import { compareBatches } from './svm-batch-random.js';

// Two files, so that two cores share the work.
it('circuit and engine agree on random batches', () => compareBatches({ first: 165, batches: 150 }), 600_000);
