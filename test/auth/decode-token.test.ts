import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeToken } from '../../functions/auth/decode-token.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const header = encode('{"alg":"RS256"}');
const payload = encode('{"sub":"a"}');

const refusalOf = (token: string): unknown => {
  try {
    decodeToken(token);
  } catch (error) {
    if (error instanceof ServiceError) return error.details.reason;
    throw error;
  }
  return undefined;
};

describe('a token is decoded', () => {
  test('into header and payload, whatever its signature', () => {
    expect(decodeToken(`${header}.${payload}.AA`)).toEqual({ header: { alg: 'RS256' }, payload: { sub: 'a' } });
  });

  test('where it is nested 32 deep, and no deeper', () => {
    const nested = (levels: number) => encode(`{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`);
    expect(refusalOf(`${header}.${nested(32)}.AA`)).toBeUndefined();
    expect(refusalOf(`${header}.${nested(33)}.AA`)).toBe('token-json');
  });
});

describe('a token is refused', () => {
  test.each(['', 'a', `${header}.${payload}`, `${header}.${payload}.AA.`, `${header}.${payload}.AA.AA.AA`])(
    'that has not three parts: %o',
    (token) => expect(refusalOf(token)).toBe('token-form'),
  );

  test.each(['!', ' ', '=', '+', '/', '\n', 'é'])('with %o before, in or behind a part', (sign) => {
    for (const part of [header, payload, 'AAAA']) {
      for (const wrong of [`${sign}${part}`, `${part}${sign}`, `${part.slice(0, 2)}${sign}${part.slice(2)}`]) {
        const token = [header, payload, 'AAAA'].map((each) => (each === part ? wrong : each)).join('.');
        expect(refusalOf(token)).toBe('token-encoding');
      }
    }
  });

  test('with an empty part', () => {
    for (const token of [`.${payload}.AA`, `${header}..AA`, `${header}.${payload}.`])
      expect(refusalOf(token)).toBe('token-encoding');
  });

  test('with a part in another spelling than the one that its bytes have', () => {
    const isSpelling = (part: string) => Buffer.from(part, 'base64url').toString('base64url') === part;
    const letters = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    fc.assert(
      fc.property(fc.string({ unit: letters, minLength: 1, maxLength: 9 }), (part) => {
        expect(refusalOf(`${header}.${payload}.${part}`)).toBe(isSpelling(part) ? undefined : 'token-encoding');
      }),
    );
  });

  test('whose payload is not UTF-8, not JSON, or no object', () => {
    const notUtf8 = Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url');
    expect(refusalOf(`${header}.${notUtf8}.AA`)).toBe('token-encoding');
    for (const text of ['{', '[]', 'null', '"a"', '1'])
      expect(refusalOf(`${header}.${encode(text)}.AA`)).toBe('token-json');
  });
});
