import { startEmulators } from '../../local/start-emulators.ts';
import { followParent, reportToParent } from '../harness/helper-process.ts';

// The emulators keep everything in memory: in a process of their own, so that the api's memory can be told from theirs.
followParent();
const { endpoints } = await startEmulators({});
reportToParent({ endpoints });
