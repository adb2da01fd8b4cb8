import type { TenantId } from '../auth/tenant.ts';
import { contentKey } from '../binaries/binary.ts';
import type { StoredBinary } from '../binaries/binary-inventory.ts';

/** What is stored for a Binary of a tenant. */
export interface FoundBinary {
  readonly tenantId: TenantId;
  readonly stored: StoredBinary;
}

/** Binaries that have bytes and no record, as a run of the cleaner comes upon them. */
export interface MissingRecords {
  note(found: FoundBinary): void;
  /** The first 10 000 (some 200 bytes each); the others are the next run's. */
  remembered(): readonly FoundBinary[];
  /** All of them, also those that are not remembered. */
  count(): number;
  /** Those whose record has been there: an order stores version 1 before its record, but a further version takes a lease, and so the record. */
  lost(): number;
  /**
   * Whether it is likelier that the table is a wrong or an incomplete one than that so many orders broke off: some record was there and
   * is gone, or more than twenty are missing, and more than half of all.
   *
   * @param binaries how many were looked at
   */
  areDoubtful(binaries: number): boolean;
}

const mostRemembered = 10_000;
const suspicious = 20;

const hadRecord = ({ tenantId, stored: { binaryId, keys } }: FoundBinary): boolean =>
  keys.some((key) => !key.startsWith(contentKey(tenantId, binaryId, 1, '')));

/** None so far. */
export const createMissingRecords = (): MissingRecords => {
  const remembered: FoundBinary[] = [];
  let count = 0;
  let lost = 0;
  return {
    note(found) {
      count += 1;
      if (hadRecord(found)) lost += 1;
      if (remembered.length < mostRemembered) remembered.push(found);
    },
    remembered: () => remembered,
    count: () => count,
    lost: () => lost,
    areDoubtful: (binaries) => lost > 0 || (count > suspicious && count * 2 > binaries),
  };
};
