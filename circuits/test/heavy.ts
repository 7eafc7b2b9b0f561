/** Whether tests run that take too long for every change: `npm run test:heavy`. */
export const HEAVY = process.env.POLYPROOF_HEAVY === '1';
