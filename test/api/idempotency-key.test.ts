import { expect, test } from 'vitest';
import { readIdempotencyKey } from '../../functions/api/idempotency-key.ts';

const read = (key: string | undefined) => readIdempotencyKey({ header: () => key });

test('without the header there is no key', () => {
  expect(read(undefined)).toBeUndefined();
});

test.each(['a', '!', '~', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', 'k'.repeat(128)])(
  '%s is a key, to the letter',
  (key) => {
    expect(read(key)).toBe(key);
  },
);

test.each(['', ' ', 'a b', 'k'.repeat(129), 'ø', 'a\u0000', 'a\n', '\u007f', 'a, b'])(
  '%j is refused and not repeated',
  (key) => {
    expect(() => read(key)).toThrow(expect.objectContaining({ code: 'GENERAL_VALIDATION_ERROR' }));
    try {
      read(key);
    } catch (error) {
      if (key.length > 2) expect(JSON.stringify(error)).not.toContain(key);
    }
  },
);
