import fc from 'fast-check';

/** Property tests try the same examples in every run; change the seed to look for new ones. */
fc.configureGlobal({ seed: 1 });
