/** What is to be generated. */
export interface SyntheticEpisodes {
  /** Number of episodes. */
  readonly count: number;
  /** Equal seeds give equal episodes. */
  readonly seed: number;
  /** When the invented export is made, an ISO 8601 instant: nothing in the episodes is later. */
  readonly cutOff: string;
  /** How many years before the cut-off the first episode can begin. Default 4. */
  readonly years?: number;
}

interface HistoryEntry {
  readonly status: string;
  readonly period: { readonly start: string; readonly end?: string };
}

const dayMillis = 86_400_000;
const profiles = 'http://ehealth.sundhed.dk/fhir/StructureDefinition';
const hosts = {
  patient: 'https://patient.example.test/fhir',
  organization: 'https://organization.example.test/fhir',
  careplan: 'https://careplan.example.test/fhir',
};

/** A small seeded generator of numbers from 0 to below 1 (mulberry32). */
const createRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** To the second and with `+00:00`, as the Danish infrastructure writes instants. */
const writeInstant = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}+00:00`;

/** How the course of an episode goes on after a stretch of it: what follows, and after how many days. */
const nextStretch = (status: string, random: () => number): { readonly status: string; readonly days: number } => {
  const draw = random();
  if (status === 'planned') {
    return draw < 0.06 ? { status: 'cancelled', days: 1 + random() * 20 } : { status: 'active', days: random() * 14 };
  }
  if (status === 'onhold') {
    return draw < 0.8
      ? { status: 'active', days: 2 + random() * 30 }
      : { status: 'finished', days: 10 + random() * 60 };
  }
  // Most courses last months; some end within the week in which they began.
  const days = draw < 0.1 ? random() * 7 : 20 + 340 * random() ** 2;
  return random() < 0.25 ? { status: 'onhold', days } : { status: 'finished', days };
};

/** The statuses of an episode from its beginning to the cut-off, in order and without a gap. */
const writeHistory = (begin: number, cutOff: number, random: () => number): HistoryEntry[] => {
  const history: HistoryEntry[] = [];
  let status = random() < 0.8 ? 'planned' : 'active';
  let start = begin;
  while (status !== 'finished' && status !== 'cancelled') {
    const next = nextStretch(status, random);
    const end = start + Math.ceil((next.days * dayMillis) / 1000) * 1000;
    if (end > cutOff) break;
    history.push({ status, period: { start: writeInstant(start), end: writeInstant(end) } });
    status = next.status;
    start = end;
  }
  history.push({ status, period: { start: writeInstant(start) } });
  return history;
};

const writeExtensions = (organization: number, team: number, begin: number) => [
  {
    url: `${profiles}/ehealth-episodeofcare-caremanagerOrganization`,
    valueReference: { reference: `${hosts.organization}/Organization/${organization}` },
  },
  {
    url: `${profiles}/ehealth-teamHistory`,
    extension: [
      { url: 'careTeam', valueReference: { reference: `${hosts.organization}/CareTeam/${team}` } },
      { url: 'period', valuePeriod: { start: writeInstant(begin) } },
    ],
  },
];

const writeEpisode = (number: number, patient: number, begin: number, cutOff: number, random: () => number) => {
  const organization = 20_000 + Math.floor(random() * 98);
  const team = 90_000 + organization * 3 + Math.floor(random() * 3);
  const history = writeHistory(begin, cutOff, random);
  const last = history.at(-1);
  const isOver = last?.status === 'finished' || last?.status === 'cancelled';
  const isError = random() < 0.01;
  return {
    resourceType: 'EpisodeOfCare',
    id: String(100_000 + number),
    meta: {
      versionId: String(history.length + (isError ? 1 : 0)),
      lastUpdated: `${last?.period.start.slice(0, 19)}.073+00:00`,
      profile: [`${profiles}/ehealth-episodeofcare`],
    },
    extension: writeExtensions(organization, team, begin),
    status: isError ? 'entered-in-error' : last?.status,
    statusHistory: history,
    diagnosis: [{ condition: { reference: `${hosts.careplan}/Condition/${200_000 + number}` }, rank: 1 }],
    patient: { reference: `${hosts.patient}/Patient/${500_000 + patient}` },
    managingOrganization: { reference: `${hosts.organization}/Organization/${organization}` },
    period: { start: writeInstant(begin), ...(isOver && { end: last?.period.start }) },
    team: [{ reference: `${hosts.organization}/CareTeam/${team}` }],
  };
};

/**
 * Invented EpisodeOfCare resources as lines of NDJSON without line breaks, in the shape that the Danish eHealth Infrastructure's
 * guide shows; equal input gives equal lines. One patient has some one and a half episodes, and more and more of them begin as the years go by.
 * Every name, number and host is made up.
 */
export function* generateEpisodes({ count, seed, cutOff, years = 4 }: SyntheticEpisodes): Generator<string> {
  const random = createRandom(seed);
  const end = Math.floor(Date.parse(cutOff) / 1000) * 1000;
  const patients = Math.max(1, Math.round(count / 1.5));
  for (let number = 0; number < count; number++) {
    const before = (1 - Math.sqrt(random())) * years * 365.25 * dayMillis;
    const begin = end - Math.floor(before / 1000) * 1000;
    yield JSON.stringify(writeEpisode(number, Math.floor(random() * patients), begin, end, random));
  }
}
