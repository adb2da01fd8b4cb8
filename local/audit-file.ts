import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLog } from '../functions/audit/audit-log.ts';

/** The name of the file with the audit events, in the folder that keeps the state. */
export const auditFileName = 'audit.ndjson';

/** Writes lines to the end of `audit.ndjson` in a folder, which is made where it is missing; without a folder, nowhere. */
export const createLineFile = (folder: string | undefined): ((line: string) => void) => {
  if (folder === undefined) return () => {};
  mkdirSync(folder, { recursive: true });
  return (line) => appendFileSync(join(folder, auditFileName), `${line}\n`, { mode: 0o600 });
};

/** Audit events as lines of JSON, in place of CloudWatch, which has no emulator here. */
export const createLineAuditLog = (write: (line: string) => void): AuditLog => ({
  async write(event) {
    write(JSON.stringify(event));
  },
});
