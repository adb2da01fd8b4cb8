import { describe, expect, test } from 'vitest';
import { readBearerToken } from '../../functions/auth/bearer-token.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';

const refusalOf = (authorization: string | undefined) => {
  try {
    readBearerToken(authorization);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { code, details } = error;
    return { code, ...details };
  }
  throw new Error('nothing was refused');
};

describe('the token of an Authorization header', () => {
  test.each([
    ['Bearer abc.def', 'abc.def'],
    ['bEARER   abc', 'abc'],
    [' Bearer abc ', 'abc'],
    ['Bearer a-._~+/9Z==', 'a-._~+/9Z=='],
  ])('of %o is %s', (header, token) => expect(readBearerToken(header)).toBe(token));

  test('has 8192 characters at most', () => {
    const longest = 'a'.repeat(8192);
    expect(readBearerToken(`Bearer ${longest}`)).toBe(longest);
    expect(refusalOf(`Bearer ${longest}a`)).toMatchObject({ reason: 'token-too-long' });
  });

  test.each([
    [undefined, 'token-missing'],
    ['  ', 'token-missing'],
    ['Basic abc', 'scheme-unknown'],
    ['Bearerabc', 'scheme-unknown'],
    ['Bearer', 'token-empty'],
    ['Bearer ', 'token-empty'],
    ['Bearer !abc', 'token-form'],
    ['Bearer abc!', 'token-form'],
    ['Bearer abc def', 'token-form'],
    ['Bearer =', 'token-form'],
    ['Bearer ab=c', 'token-form'],
  ])('is refused for %o: %s', (header, reason) => {
    expect(refusalOf(header)).toMatchObject({ code: 'SECURITY_TOKEN_INVALID', reason });
  });

  test('of a header that was sent twice is refused as a request that names what to change', () => {
    expect(refusalOf('Bearer abc, Bearer def')).toEqual({
      code: 'GENERAL_VALIDATION_ERROR',
      args: ['the Authorization header was sent more than once'],
      challenge: 'invalid_request',
      issue: 'invalid',
      reason: 'header-doubled',
    });
  });
});
