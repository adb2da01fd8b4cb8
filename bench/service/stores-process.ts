import '../soak/stores-process.ts';
import { answerUsage } from './usage-messages.ts';

// The emulators, in a process that says what it has used.
answerUsage();
