import type { Experiment } from './harness/experiment.ts';

/** Every experiment by the name that `npm run bench -- <name>` takes. Loaded when asked for, so that none carries the code of another. */
export const experiments: Readonly<Record<string, () => Promise<Experiment>>> = {
  chain: async () => (await import('./experiments/chain.ts')).chain,
  cold: async () => (await import('./experiments/cold.ts')).cold,
  import: async () => (await import('./experiments/import.ts')).importing,
  equality: async () => (await import('./experiments/equality.ts')).equality,
  'hanging-issuer': async () => (await import('./experiments/hanging-issuer.ts')).hangingIssuer,
  order: async () => (await import('./experiments/order.ts')).order,
  scale: async () => (await import('./experiments/scale.ts')).scale,
  statistic: async () => (await import('./experiments/statistic.ts')).statistic,
  service: async () => (await import('./experiments/service.ts')).service,
  'unsigned-tokens': async () => (await import('./experiments/unsigned-tokens.ts')).unsignedTokens,
};
