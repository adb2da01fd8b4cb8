import type { Incident, IncidentKind } from './run-plan.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What incidents act on. */
export interface IncidentSurroundings {
  readonly time: VirtualTime;
  readonly incidents: readonly Incident[];
  count(kind: IncidentKind): void;
  /** The dispatcher or the table cannot do their part until then. */
  disturb(until: number): void;
  deploy(): void;
  replaceData(tenant: number, isSpoilt: boolean): void;
  /** What is kept of reports of a tenant is no longer what was kept. */
  damageSummaries(tenant: number): void;
}

/** The service that refuses, for want of a permission or a key. */
const refusals: Readonly<Partial<Record<IncidentKind, string>>> = {
  'dynamodb-refused': 'dynamodb',
  's3-content-refused': 's3-content',
  's3-data-refused': 's3-data',
};

/** The service that is down. */
const downs: Readonly<Partial<Record<IncidentKind, string>>> = {
  'dispatcher-off': 'ticks',
  'dynamodb-down': 'dynamodb',
  's3-content-down': 's3-content',
  's3-data-down': 's3-data',
  'sqs-down': 'sqs',
  'exports-down': 'exports',
};

/** Has the run's incidents happen, until they are called off. */
export const createIncidents = (surroundings: IncidentSurroundings) => {
  const { time, incidents, count, disturb } = surroundings;
  const downUntil = new Map<string, number>();
  const refusedUntil = new Map<string, number>();
  let isOver = false;
  const happen = ({ kind, duration, tenant }: Incident): void => {
    if (isOver) return;
    count(kind);
    const service = downs[kind] ?? refusals[kind];
    if (service !== undefined) {
      const until = time.now() + duration;
      const ends = kind in refusals ? refusedUntil : downUntil;
      ends.set(service, Math.max(until, ends.get(service) ?? 0));
      if (service === 'ticks' || service === 'dynamodb') disturb(until);
      return;
    }
    if (kind === 'deploy') {
      disturb(time.now());
      surroundings.deploy();
    } else if (kind === 'damage-summaries') surroundings.damageSummaries(tenant);
    else surroundings.replaceData(tenant, kind === 'spoil-data');
  };
  const start = time.now();
  for (const incident of incidents) time.at(start + incident.at, () => happen(incident));
  return {
    isDown: (service: string): boolean => (downUntil.get(service) ?? 0) > time.now(),
    isRefused: (service: string): boolean => (refusedUntil.get(service) ?? 0) > time.now(),
    /** Everything works from now on, and nothing more happens. */
    callOff(): void {
      isOver = true;
      downUntil.clear();
      refusedUntil.clear();
    },
  };
};
