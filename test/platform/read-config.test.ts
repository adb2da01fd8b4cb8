import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig, requiredText, wholeNumber } from '../../functions/platform/read-config.ts';

const schema = v.object({
  TABLE: requiredText,
  BUCKET: requiredText,
  SECONDS: wholeNumber({ min: 10, max: 100, fallback: 60 }),
});

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(schema, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('readConfig', () => {
  test('reads what is there and fills in defaults', () => {
    expect(readConfig(schema, { TABLE: 't', BUCKET: ' b ' })).toEqual({ TABLE: 't', BUCKET: 'b', SECONDS: 60 });
  });
  test('A57: reports every problem at once', () => {
    expect(problemsOf({ BUCKET: '  ', SECONDS: '9' })).toEqual([
      'TABLE: is missing',
      'BUCKET: is empty',
      'SECONDS: must be at least 10',
    ]);
  });
  test.each(['ten', '1e1', '-5', '60.5', ''])('refuses %j as a whole number without repeating it', (SECONDS) => {
    expect(problemsOf({ TABLE: 't', BUCKET: 'b', SECONDS })[0]).toBe('SECONDS: must be a whole number');
  });
});
