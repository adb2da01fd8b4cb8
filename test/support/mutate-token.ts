import fc from 'fast-check';
import { encodePart, macParts, type SigningKey, signInput } from './signed-tokens.ts';

/** Makes another text of a token; a text that is no token any more comes back as it is or changed in any way. */
export type Mutation = (token: string) => string;

const partsOf = (token: string): string[] => token.split('.');

const atPart =
  (index: number, change: (part: string) => string): Mutation =>
  (token) =>
    partsOf(token)
      .map((part, at, all) => (at === index % all.length ? change(part) : part))
      .join('.');

const flipBit = (index: number, bit: number): Mutation =>
  atPart(index, (part) => {
    const bytes = Buffer.from(part, 'base64url');
    const at = Math.floor(bit / 8) % Math.max(bytes.length, 1);
    if (bytes.length > 0) bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit % 8)), at);
    return bytes.toString('base64url');
  });

const insertText =
  (text: string, at: number): Mutation =>
  (token) =>
    token.slice(0, at % (token.length + 1)) + text + token.slice(at % (token.length + 1));

const replaceChar =
  (char: string, at: number): Mutation =>
  (token) =>
    token.slice(0, at % token.length) + char + token.slice((at % token.length) + 1);

const swap =
  (one: number, other: number): Mutation =>
  (token) => {
    const parts = partsOf(token);
    const [first = '', second = ''] = [parts[one % parts.length], parts[other % parts.length]];
    return parts
      .with(one % parts.length, second)
      .with(other % parts.length, first)
      .join('.');
  };

/** Spells the same bytes as base64 does, or with padding. */
const respell = (index: number, spelling: 'base64' | 'padding' | 'loose'): Mutation =>
  atPart(index, (part) => {
    const base64 = Buffer.from(part, 'base64url').toString('base64');
    if (spelling === 'base64') return base64;
    if (spelling === 'padding') return `${part}${base64.slice(part.length) || '='}`;
    return part.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1));
  });

/** Changes the JSON of header or payload as text. The signature stays. */
const editJson = (index: number, edit: (json: string) => string): Mutation =>
  atPart(index % 2, (part) => encodePart(edit(Buffer.from(part, 'base64url').toString())));

const forgedMembers: readonly (readonly [string, unknown])[] = [
  ['alg', 'none'],
  ['alg', 'HS256'],
  ['alg', 'RS512'],
  ['kid', 'other'],
  ['typ', 'at+jwt'],
  ['user_id', 'somebody-else'],
  ['exp', 4e9],
  ['realm_access', { roles: ['Binary.read', 'admin'] }],
];

const addMember = (index: number, [name, value]: readonly [string, unknown], first: boolean): Mutation =>
  editJson(index, (json) => {
    const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    return first ? json.replace('{', `{${member},`) : json.replace(/\}$/, `,${member}}`);
  });

/** Signs what is there anew, by a key or with a secret that is not the issuer's. */
const signAnew =
  (forger: SigningKey, publicPem: string, how: 'forger' | 'hmac'): Mutation =>
  (token) => {
    const [header = '', payload = ''] = partsOf(token);
    const input = `${header}.${payload}`;
    if (how === 'forger') return `${input}.${signInput(input, 'RS256', forger.privateKey).toString('base64url')}`;
    return macParts(Buffer.from(header, 'base64url'), Buffer.from(payload, 'base64url'), publicPem);
  };

/** What can be done to a token by somebody who does not have the issuer's key. */
export const tokenMutation = (forger: SigningKey, publicPem: string): fc.Arbitrary<Mutation> => {
  const any = fc.nat({ max: 20_000 });
  const oneOf = <const Item>(...items: readonly Item[]) => fc.constantFrom(...items);
  return fc.oneof(
    fc.tuple(any, any).map(([index, bit]) => flipBit(index, bit)),
    fc.tuple(oneOf(' ', '.', '=', '\n', '\u0000', 'A', '-', '%3D'), any).map(([text, at]) => insertText(text, at)),
    fc.tuple(oneOf('A', 'z', '_', '+', '/', '=', '.', ',', 'é'), any).map(([char, at]) => replaceChar(char, at)),
    fc.tuple(any, any).map(([one, other]) => swap(one, other)),
    fc.tuple(any, oneOf('base64', 'padding', 'loose')).map(([index, spelling]) => respell(index, spelling)),
    any.map(
      (at): Mutation =>
        (token) =>
          token.slice(0, at % token.length),
    ),
    any.map(
      (index): Mutation =>
        (token) =>
          `${token}.${partsOf(token)[index % 3]}`,
    ),
    oneOf('', '.', ' ').map(
      (between): Mutation =>
        (token) =>
          `${token}${between}${token}`,
    ),
    fc
      .tuple(any, oneOf(...forgedMembers), fc.boolean())
      .map(([index, member, first]) => addMember(index, member, first)),
    fc.tuple(any, oneOf(' ', '\n', '\ufeff')).map(([index, space]) => editJson(index, (json) => space + json)),
    any.map((index) => editJson(index, (json) => JSON.stringify(JSON.parse(`[${json}]`)[0], undefined, 1))),
    oneOf('forger', 'hmac').map((how) => signAnew(forger, publicPem, how)),
  );
};
