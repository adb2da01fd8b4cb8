import { describe } from 'vitest';
import { createInMemoryJobStore } from './in-memory-job-store.ts';
import { describeJobStore } from './job-store-contract.ts';

describe('the in-memory job store keeps the contract of job stores', () => {
  describeJobStore(async () => createInMemoryJobStore());
});
