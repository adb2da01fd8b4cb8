import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeAudit } from '../../functions/audit/audit-event.ts';
import { createLineAuditLog, createLineFile } from '../../local/audit-file.ts';
import { sampleTime } from '../support/sample-job.ts';

test('audit events are added to a file of lines in a folder that is made for them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  const event = describeAudit({
    recorded: sampleTime,
    requestId: 'request-1',
    interaction: 'read',
    user: undefined,
    status: 401,
    errorCode: 'SECURITY_TOKEN_INVALID',
    operation: undefined,
    binary: undefined,
  });
  for (const log of [1, 2].map(() => createLineAuditLog(createLineFile(join(folder, 'state'))))) await log.write(event);
  const lines = (await readFile(join(folder, 'state', 'audit.ndjson'), 'utf8')).split('\n');
  expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([event, event]);
  expect(lines.slice(2)).toEqual(['']);
  await rm(folder, { recursive: true });
});
