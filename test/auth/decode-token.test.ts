import { expect, test } from 'vitest';
import { decodeToken } from '../../functions/auth/decode-token.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';

const encode = (text: string | Buffer): string => Buffer.from(text as string).toString('base64url');

const header = encode('{"alg":"RS256","kid":"k"}');
const payload = encode('{"iss":"https://issuer.example"}');

const outcomeOf = (token: string): unknown => {
  try {
    return decodeToken(token);
  } catch (error) {
    return error instanceof ServiceError ? error.details.reason : error;
  }
};

test('header and payload come back as they were encoded', () => {
  expect(decodeToken(`${header}.${payload}.c2ln`)).toEqual({
    header: { alg: 'RS256', kid: 'k' },
    payload: { iss: 'https://issuer.example' },
  });
});

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

test('of each length and last character, only the one spelling of its bytes is taken', () => {
  for (const beginning of ['', 'c', 'c2', 'c2l', 'c2ln', 'c2lnb', 'c2lnbm', 'c2lnbmV']) {
    for (const letter of `${alphabet}+/=. é`) {
      const part = `${beginning}${letter}`;
      const isOne = Buffer.from(part, 'base64url').toString('base64url') === part;
      const reason = outcomeOf(`${header}.${payload}.${part}`);
      if (isOne) expect(reason, part).toBeTypeOf('object');
      else expect(reason, part).toMatch(/^token-(?:encoding|form)$/);
    }
  }
});

test('a part that is spelled wrong is told before one that is no JSON, whichever it is', () => {
  expect(outcomeOf(`${encode('[]')}.${payload}.c`)).toBe('token-encoding');
  expect(outcomeOf(`${header}.${encode('{')}.c2ln`)).toBe('token-json');
  expect(outcomeOf(`${header}.${encode(Buffer.from([0xff]))}.c2ln`)).toBe('token-encoding');
  expect(outcomeOf(`${encode(Buffer.from([0xff]))}.${payload}.c2ln`)).toBe('token-encoding');
});

test.each(['', '.', '..', `${header}.${payload}`, `${header}.${payload}.c2ln.c2ln`])(
  'is not three parts: "%s"',
  (token) => {
    expect(outcomeOf(token)).toMatch(/^token-(?:encoding|form)$/);
  },
);

test('a header is the same each time it comes, and a bad one is refused each time', () => {
  const first = decodeToken(`${header}.${payload}.c2ln`);
  expect(decodeToken(`${header}.${encode('{"iss":"another"}')}.c2ln`).header).toEqual(first.header);
  for (const bad of ['"text"', '[]', 'null', '{"alg"']) {
    expect(outcomeOf(`${encode(bad)}.${payload}.c2ln`)).toBe('token-json');
    expect(outcomeOf(`${encode(bad)}.${payload}.c2ln`)).toBe('token-json');
  }
});

test('headers that never come again change nothing for those that do', () => {
  for (let index = 0; index < 200; index += 1) {
    expect(decodeToken(`${encode(`{"kid":"${index}"}`)}.${payload}.c2ln`).header).toEqual({ kid: String(index) });
    expect(decodeToken(`${header}.${payload}.c2ln`).header).toEqual({ alg: 'RS256', kid: 'k' });
  }
});
