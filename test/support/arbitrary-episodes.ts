import fc from 'fast-check';

/** A time zone and a moment in it around which something can go wrong. */
export interface Place {
  readonly timeZone: string;
  readonly around: string;
}

/** Changes of the clock at all hours, skipped and repeated days and midnights, and quiet times at a year's end. */
export const places: readonly Place[] = [
  { timeZone: 'Europe/Copenhagen', around: '2023-03-26T01:00:00Z' },
  { timeZone: 'Europe/Copenhagen', around: '2023-10-29T01:00:00Z' },
  { timeZone: 'Europe/Copenhagen', around: '2023-12-31T23:00:00Z' },
  { timeZone: 'America/St_Johns', around: '2010-03-14T03:31:00Z' },
  { timeZone: 'America/St_Johns', around: '2010-11-07T02:31:00Z' },
  { timeZone: 'Pacific/Apia', around: '2011-12-30T10:00:00Z' },
  { timeZone: 'Pacific/Kwajalein', around: '1993-08-21T12:00:00Z' },
  { timeZone: 'America/Sao_Paulo', around: '2018-11-04T03:00:00Z' },
  { timeZone: 'America/Sao_Paulo', around: '2018-02-18T02:00:00Z' },
  { timeZone: 'America/Havana', around: '2024-03-10T05:00:00Z' },
  { timeZone: 'Asia/Kolkata', around: '2024-02-28T18:30:00Z' },
  { timeZone: 'Africa/Casablanca', around: '2023-03-19T02:00:00Z' },
  { timeZone: 'Australia/Lord_Howe', around: '2024-04-06T15:00:00Z' },
  { timeZone: 'America/Nuuk', around: '2023-03-26T01:00:00Z' },
  { timeZone: 'UTC', around: '2024-01-01T00:00:00Z' },
];

const secondsOfDay = 86_400;

/** Seconds away from the moment: mostly near it, or near a midnight, or months away. */
const distance = fc.oneof(
  fc.integer({ min: -7_500, max: 7_500 }),
  fc.integer({ min: -3 * secondsOfDay, max: 3 * secondsOfDay }),
  fc.integer({ min: -140, max: 140 }).map((halfDays) => halfDays * (secondsOfDay / 2)),
  fc.integer({ min: -400 * secondsOfDay, max: 400 * secondsOfDay }),
);

/** Fractions of a second as text, of up to nine decimals, many of them below the millisecond. */
const fraction = fc.constantFrom('', '', '', '.5', '.000', '.0000001', '.000999999', '.999999999', '.9995', '.001');
const precision = fc.constantFrom('instant', 'instant', 'instant', 'day', 'day', 'month', 'year');

const writeInstant = (seconds: number, decimals: string, zoneMinutes: number): string => {
  const local = new Date((seconds + zoneMinutes * 60) * 1000).toISOString().slice(0, 19);
  if (zoneMinutes === 0) return `${local}${decimals}Z`;
  const distance = Math.abs(zoneMinutes);
  const hours = String(Math.floor(distance / 60)).padStart(2, '0');
  return `${local}${decimals}${zoneMinutes < 0 ? '-' : '+'}${hours}:${String(distance % 60).padStart(2, '0')}`;
};

const lengths: Record<string, number> = { day: 10, month: 7, year: 4 };

/** A dateTime near a moment, given in seconds since the epoch. */
const dateTime = (moment: number) =>
  fc
    .record({ distance, fraction, precision, zone: fc.constantFrom(0, 0, 60, 120, -210, 345, 840, -720) })
    .map(({ distance, fraction, precision, zone }) =>
      writeInstant(moment + distance, fraction, zone).slice(0, lengths[precision] ?? 99),
    );

const damagedDate = fc.constantFrom('2023-02-29', '2023-13', 'yesterday', '2024-04-31T10:00:00Z', '');

const period = (moment: number) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.record({ start: dateTime(moment), end: dateTime(moment) }).map(inOrder) },
    { weight: 10, arbitrary: fc.record({ start: dateTime(moment) }) },
    { weight: 3, arbitrary: fc.record({ start: dateTime(moment), end: dateTime(moment) }) },
    { weight: 1, arbitrary: fc.record({ start: damagedDate, end: dateTime(moment) }) },
    { weight: 1, arbitrary: fc.record({ start: dateTime(moment), end: damagedDate }) },
    { weight: 1, arbitrary: fc.record({ end: dateTime(moment) }) },
  );

/** Most periods go forward, as far as the bare texts tell. */
function inOrder({ start, end }: { start: string; end: string }): { start: string; end: string } {
  const [a, b] = [Date.parse(start), Date.parse(end)];
  return a > b ? { start: end, end: start } : { start, end };
}

const status = fc.constantFrom('planned', 'waitlist', 'active', 'active', 'onhold', 'finished', 'cancelled');
const reference = fc.constantFrom(
  'Patient/1',
  'Patient/1/_history/7',
  'Patient/2',
  'https://a.example/fhir/Patient/2',
  'Patient/3',
);

/** One EpisodeOfCare near a moment; a few of them are to be rejected for a date. */
const episode = (moment: number) =>
  fc
    .record({
      status: fc.oneof({ weight: 19, arbitrary: status }, { weight: 1, arbitrary: fc.constant('entered-in-error') }),
      statusHistory: fc.oneof(
        { weight: 4, arbitrary: fc.array(fc.record({ status, period: period(moment) }), { maxLength: 4 }) },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
      period: period(moment),
      reference,
    })
    .map(({ reference, ...rest }) =>
      JSON.stringify({ resourceType: 'EpisodeOfCare', ...rest, patient: { reference } }),
    );

/** A place, a cut-off near its moment, and lines of EpisodeOfCare around it. */
export const episodesSomewhere = fc.constantFrom(...places).chain(({ timeZone, around }) => {
  const moment = Date.parse(around) / 1000;
  return fc.record({
    timeZone: fc.constant(timeZone),
    cutOff: fc
      .record({ distance, fraction })
      .map(({ distance, fraction }) => writeInstant(moment + 20 * secondsOfDay + distance, fraction, 0)),
    lines: fc.array(episode(moment), { maxLength: 8 }),
  });
});
