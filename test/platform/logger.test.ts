import { describe, expect, test } from 'vitest';
import { createLogger, describeError } from '../../functions/platform/logger.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';

const capture = () => {
  const lines: string[] = [];
  return { lines, logger: createLogger({ now: () => Date.UTC(2026, 3, 16) }, (line) => lines.push(line)) };
};

describe('createLogger', () => {
  test('writes one JSON object a line with time, level, event and the allowed fields', () => {
    const { lines, logger } = capture();
    logger.log('JOB_CLAIMED', { tenant: 'demo', binaryId: 'b', jobId: undefined, attempt: 1 });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        time: '2026-04-16T00:00:00.000Z',
        level: 'info',
        event: 'JOB_CLAIMED',
        message: 'A worker took a job',
        tenant: 'demo',
        binaryId: 'b',
        attempt: 1,
      },
    ]);
  });
  test('leaves out a field that the event does not allow, even where the types were outwitted', () => {
    const { lines, logger } = capture();
    logger.log('JOB_CLAIMED', { tenant: 'demo', ...({ token: 'planted-secret' } as object) });
    expect(lines.join()).not.toContain('planted-secret');
  });
  test('escapes everything that could break a line or a log viewer', () => {
    const { lines, logger } = capture();
    logger.log('MESSAGE_UNUSABLE', { reason: 'a\nb\u2028\u009b\u202e\u001b[2J\u00e6\u007f' });
    expect(lines[0]).toMatch(/^[ -~]+$/);
    expect(JSON.parse(lines[0] ?? '').reason).toBe('a\nb\u2028\u009b\u202e\u001b[2J\u00e6\u007f');
  });
  test('an event without fields is a line of its own, and time, level, event and message come first', () => {
    const { lines, logger } = capture();
    logger.log('JOB_CLAIMED', {});
    logger.log('JOB_CLAIMED', { attempt: 2, tenant: 'demo' });
    const beginning =
      '{"time":"2026-04-16T00:00:00.000Z","level":"info","event":"JOB_CLAIMED","message":"A worker took a job"';
    expect(lines).toEqual([`${beginning}}`, `${beginning},"tenant":"demo","attempt":2}`]);
  });
  test('cuts long texts', () => {
    const { lines, logger } = capture();
    logger.log('MESSAGE_UNUSABLE', { reason: 'x'.repeat(100_000) });
    expect(lines[0]?.length).toBeLessThan(1000);
  });
});

describe('describeError', () => {
  test("tells an error's class and where it was thrown, never its message", () => {
    const described = describeError(new TypeError('Patient/planted-secret'));
    expect(described.errorName).toBe('TypeError');
    expect(described.frame).toContain('logger.test.ts');
    expect(JSON.stringify(described)).not.toContain('planted-secret');
  });
  test('is not deceived by a message that looks like a frame', () => {
    const described = describeError(new TypeError('x\n    at Patient/planted-secret (here)'));
    expect(JSON.stringify(described)).not.toContain('planted-secret');
    expect(described.frame).toContain('logger.test.ts');
  });
  test("tells the fixed word of the service's own errors", () => {
    const error = new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'queue AccessDenied' });
    expect(describeError(error)).toMatchObject({ errorName: 'ServiceError', reason: 'queue AccessDenied' });
  });
  test('takes anything that was thrown', () => {
    expect(describeError('a text')).toEqual({ errorName: 'string' });
    expect(describeError(undefined)).toEqual({ errorName: 'undefined' });
  });
});
