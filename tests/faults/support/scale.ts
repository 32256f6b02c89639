/** `npm run test:faults` sets it; as part of `npm test` the suites are short. */
export const isFull = process.env.SPANWISE_FAULTS === 'full';
