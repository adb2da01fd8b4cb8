/** Numbers from 0 to below 1. */
export type Random = () => number;

/** A small seeded generator (mulberry32): equal seeds give equal numbers. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** One of several, each as likely. */
export const pick = <Item>(random: Random, items: readonly Item[]): Item => items[below(random, items.length)] as Item;

type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

/** Bytes that mean something to JSON, to UTF-8 or to neither. */
const tellingBytes = [0x00, 0x09, 0x0a, 0x0d, 0x1f, 0x20, 0x21, 0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x39, 0x3a, 0x45, 0x5b];
const moreTellingBytes = [
  0x5c, 0x5d, 0x65, 0x7b, 0x7d, 0x7f, 0x80, 0xa6, 0xc0, 0xc3, 0xe2, 0xed, 0xef, 0xf0, 0xfe, 0xff,
];
const allTellingBytes = [...tellingBytes, ...moreTellingBytes];

const splice = (line: Buffer, at: number, remove: number, insert: Uint8Array): Buffer =>
  Buffer.concat([line.subarray(0, at), insert, line.subarray(at + remove)]);

/** Damage to the bytes, mostly such that the line is no JSON any more. */
const damages: readonly ((line: Buffer, random: Random) => Buffer)[] = [
  (line, random) => splice(line, below(random, line.length), 1, Buffer.of(below(random, 256))),
  (line, random) => splice(line, below(random, line.length), 1, Buffer.of(pick(random, allTellingBytes))),
  (line, random) => splice(line, below(random, line.length), 0, Buffer.of(pick(random, allTellingBytes))),
  (line, random) => splice(line, below(random, line.length), 1, Buffer.of()),
  (line, random) => splice(line, below(random, line.length), below(random, 30), Buffer.of()),
  (line, random) => line.subarray(0, below(random, line.length)),
  (line, random) => {
    const from = below(random, line.length);
    return splice(line, below(random, line.length), 0, line.subarray(from, from + below(random, 60)));
  },
  (line, random) =>
    splice(line, below(random, line.length), 0, Buffer.from(pick(random, ['æ', '😀', '\u2028', '\u00a0']))),
];

const dates = [
  ...[
    '2024',
    '2024-02',
    '2024-02-29',
    '2023-02-29',
    '2024-03-31',
    '2023-10-29',
    '2011-12-30',
    '1899-12-31',
    '2101-01-01',
  ],
  ...['2024-03-01T12:34:56Z', '2024-03-01T12:34:56+01:00', '2024-03-01T12:34:56.789Z', '2024-03-01T12:34:56.789-05:30'],
  ...[
    '2024-03-01T12:34:56.7890Z',
    '2024-03-01T12:34:56.7Z',
    '2024-03-01T23:59:60Z',
    '2024-03-01T24:00:00Z',
    '0000-01-01',
  ],
  ...[
    '2024-03-31T01:00:00Z',
    '2024-03-31T00:59:59.999Z',
    '2023-10-29T00:30:00Z',
    '2024-03-01T12:34:56+14:00',
    '2024-3-1',
  ],
  ...[
    '2024-03-01T12:34:56+13:59',
    '2024-03-01t12:34:56Z',
    '2024-03-01T12:34:56z',
    '2024-03-01T12:34Z',
    '2024-13-01',
    '',
  ],
  ...[
    '2026-04-01T00:00:00Z',
    '2026-03-31T23:59:59.999Z',
    '2030-01-01',
    '10x1-01-01',
    '2024-00-10',
    '2024-01-00',
    '9999',
  ],
  ...[
    '1900-01-01',
    '2100-12-31',
    '2024-03-01T12:34:56 Z',
    ' 2024-03-01',
    '2024-03-01T12:34:56+0100',
    '2024-03-01T00:00:00Z',
  ],
  'finished',
];

const references = [
  ...[
    'Patient/1',
    'Patient/01',
    'Patient/1/_history/3',
    'Patient/1/_history/',
    '/_history/1',
    '_history/1',
    '#p',
    ' ',
    '',
  ],
  ...[
    'https://patient.example.test/fhir/Patient/1',
    'urn:uuid:1',
    'Patient/æ',
    'Patient/\u{1f600}',
    'Patient/\ud800',
    '\u00a0',
  ],
  ...[
    'Patient/\ufffd',
    'x/_history/1/_history/2',
    'Patient/1 ',
    '/Patient/1',
    'Patient/1/_History/3',
    'Patient\\1',
    'Patient/"',
    'active',
    'https://a.example/StructureDefinition/1',
  ],
];

const statuses = [
  'active',
  'finished',
  'planned',
  'onhold',
  'cancelled',
  'waitlist',
  'entered-in-error',
  'Active',
  'unknown',
  '',
];
const scalars: readonly Value[] = [null, true, false, 0, -1.5e-7, 1e30, '', 'text', 'æ', [], {}, [[]], { a: 1 }];

const objectsIn = (value: Value, found: { [key: string]: Value }[] = []): { [key: string]: Value }[] => {
  if (Array.isArray(value)) for (const item of value) objectsIn(item, found);
  else if (value !== null && typeof value === 'object') {
    found.push(value);
    for (const item of Object.values(value)) objectsIn(item, found);
  }
  return found;
};

const named = (object: { [key: string]: Value }, random: Random): string | undefined =>
  Object.keys(object).length === 0 ? undefined : pick(random, Object.keys(object));

/** Other values, mostly such that the line stays JSON and means something else. */
const changes: readonly ((resource: { [key: string]: Value }, random: Random) => void)[] = [
  (resource, random) => {
    for (const object of objectsIn(resource)) {
      for (const key of ['start', 'end']) if (key in object && random() < 0.5) object[key] = pick(random, dates);
    }
  },
  (resource, random) => {
    resource['patient'] = { reference: pick(random, references) };
  },
  (resource, random) => {
    const object = pick(random, objectsIn(resource));
    object['status'] = pick(random, statuses);
  },
  (resource, random) => {
    const object = pick(random, objectsIn(resource));
    const key = named(object, random);
    if (key !== undefined) object[key] = pick(random, scalars);
  },
  (resource, random) => {
    const object = pick(random, objectsIn(resource));
    const key = named(object, random);
    if (key !== undefined) delete object[key];
  },
  (resource, random) => {
    const inner = pick(random, objectsIn(resource));
    inner['contained'] = [structuredClone(resource), { status: 'active', period: { start: '2020' }, patient: 7 }];
  },
  (resource, random) => {
    resource['id'] = pick<Value>(random, ['7', '07', '007', '', 'æ', 7, null, '\ud800', 'a'.repeat(300), 'active']);
  },
  (resource, random) => {
    const history = resource['statusHistory'];
    if (Array.isArray(history))
      for (let more = below(random, 90); more > 0; more -= 1) history.push(pick(random, history));
  },
  (resource, random) => {
    let deep: Value = 'deep';
    for (let depth = below(random, 45); depth > 0; depth -= 1) deep = random() < 0.5 ? [deep] : { deep };
    resource['extension'] = deep;
  },
];

const shuffle = (value: Value, random: Random): Value => {
  if (Array.isArray(value)) return value.map((item) => shuffle(item, random));
  if (value === null || typeof value !== 'object') return value;
  const keyed = Object.entries(value).map(([key, item]) => [random(), key, shuffle(item, random)] as const);
  return Object.fromEntries(keyed.sort(([one], [other]) => one - other).map(([, key, item]) => [key, item]));
};

/** The same value written otherwise, or almost the same. */
const writings: readonly ((text: string, random: Random) => string)[] = [
  (text, random) => JSON.stringify(shuffle(JSON.parse(text), random)),
  (text, random) =>
    JSON.stringify(JSON.parse(text), undefined, 1).replaceAll('\n', pick(random, ['', ' ', '\t', '\r'])),
  (text, random) => `${pick(random, ['', ' ', '\t\r'])}${text}${pick(random, ['', ' ', '\r', '\t'])}`,
  (text, random) => {
    const at = below(random, text.length);
    const code = text.charCodeAt(at).toString(16).padStart(4, '0');
    return `${text.slice(0, at)}\\u${code}${text.slice(at + 1)}`;
  },
  (text, random) => {
    const members = [
      '"status":"active"',
      '"patient":{"reference":"Patient/2"}',
      '"id":"2"',
      '"period":{"start":"2021"}',
    ];
    const more = [...members, '"statusHistory":[]', '"resourceType":"EpisodeOfCare"', '"start":"2019"', '"x":1'];
    const at = pick(random, [...text.matchAll(/[{,](?=")/g)]).index + 1;
    return `${text.slice(0, at)}${pick(random, more)},${text.slice(at)}`;
  },
];

/** A line of JSON after a change to what it says. */
export const changeLine = (line: string, random: Random): string => {
  const resource: Value = JSON.parse(line);
  if (resource === null || typeof resource !== 'object' || Array.isArray(resource)) return line;
  pick(random, changes)(resource, random);
  return JSON.stringify(resource);
};

/** A line of JSON, an object, after up to three changes: to what it says, to how it is written, or to its bytes. */
export const mutateLine = (line: Buffer, random: Random): Buffer => {
  let text = line.toString();
  for (let times = below(random, 3); times > 0; times -= 1) text = changeLine(text, random);
  for (let times = below(random, 2); times > 0; times -= 1) text = pick(random, writings)(text, random);
  const mutated = Buffer.from(text);
  return random() < 0.3 ? pick(random, damages)(mutated, random) : mutated;
};
