import { ServiceError } from '../platform/service-error.ts';
import type { DataSetLimits } from './data-set-limits.ts';
import type { ManifestFile } from './manifest.ts';

const gibibyte = 1024 ** 3;

const tooLarge = (what: string): ServiceError =>
  new ServiceError('DATA_SET_TOO_LARGE', {
    cause: `${what}. Export fewer years or fewer organizations, or split the tenant; files stored as gzip are read soonest.`,
  });

/**
 * Refuses a data set that one worker cannot summarise, by what is known before any of it is read: the manifest's counts and the files'
 * stored sizes. What they do not tell (patients, bytes after unpacking) is found out on the way.
 *
 * @throws ServiceError `DATA_SET_TOO_LARGE` that names the limit and says what to do
 */
export const requireRoom = (files: readonly Pick<ManifestFile, 'bytes' | 'count'>[], limits: DataSetLimits): void => {
  const episodes = files.reduce((sum, { count = 0 }) => sum + count, 0);
  if (episodes > limits.episodes) {
    throw tooLarge(`The manifest counts ${episodes} episodes of care, and one worker takes ${limits.episodes}`);
  }
  const stored = files.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  const largest = Math.min(limits.storedBytes, limits.plainBytes);
  if (stored > largest) {
    const most = `${(largest / gibibyte).toFixed(0)} GiB (${largest} bytes)`;
    throw tooLarge(`The files have ${stored} bytes as they are stored, and one worker reads ${most}`);
  }
};
