import { describe } from 'vitest';
import { describeImportStore } from './import-store-contract.ts';
import { createInMemoryImportStore } from './in-memory-import-store.ts';

describe('the import store of the tests keeps the contract of import stores', () => {
  describeImportStore(async () => createInMemoryImportStore());
});
