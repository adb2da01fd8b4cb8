import type { SampleTenant } from '../../local/sample-tenants.ts';
import type { Settings } from '../../local/start-functions.ts';

/** So few that clients meet the limit under full load, and have to wait. */
const openJobs = { execute: 60, schedule: 60 };

/** The tenants of the soak: two that order reports of invented data, and one whose data set is malformed. */
export const soakTenants: Readonly<Record<string, SampleTenant>> = {
  demo: { issuer: 'https://login.reporting.test/realms/demo', audience: 'account', episodes: 3000, seed: 1, openJobs },
  other: { issuer: 'https://login.reporting.test/realms/other', audience: 'EHealth', episodes: 300, seed: 2 },
  broken: { issuer: 'https://login.reporting.test/realms/broken', audience: 'account', episodes: 10, seed: 3 },
};

/** Recovery within seconds: what takes minutes as it is deployed must happen often in a soak. Nothing else is changed. */
export const soakSettings = {
  api: { REQUEUE_AFTER_SECONDS: '10', DEADLINE_MARGIN_SECONDS: '15', EXECUTE_DEADLINE_SECONDS: '180' },
  worker: { LEASE_SECONDS: '3', RETRY_AFTER_SECONDS: '1', DEADLINE_MARGIN_SECONDS: '15' },
  dispatcher: { REQUEUE_AFTER_SECONDS: '10', DEADLINE_MARGIN_SECONDS: '15' },
} as const satisfies Settings;

/** From an order to its deadline, in milliseconds. */
export const soakDeadline = Number(soakSettings.api.EXECUTE_DEADLINE_SECONDS) * 1000;

/** How long the queue hides a message that a worker has taken, in seconds. Deployed it is half an hour. */
export const visibilitySeconds = 10;

/** Seconds between two ticks of the dispatcher. */
export const tickSeconds = 1;

/** Seconds between two looks at the memory. */
export const memorySeconds = 2;
