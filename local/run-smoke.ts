import { SmokeFailure } from './smoke-client.ts';
import { createSmokeJourney, type SmokeStep, type SmokeTarget } from './smoke-journey.ts';

const column = 28;

const describe = (mark: string, name: string, status: number | undefined, millis: number, detail: string): string =>
  `${mark} ${name.padEnd(column)}${String(status ?? '-').padEnd(5)}${String(Math.round(millis)).padStart(6)} ms  ${detail}`.trimEnd();

const runStep = async ({ name, run }: SmokeStep, say: (line: string) => void): Promise<boolean> => {
  const begun = performance.now();
  const took = () => performance.now() - begun;
  try {
    const { status, detail = '' } = await run();
    say(describe('✓', name, status, took(), detail));
    return true;
  } catch (error) {
    const [what, status] =
      error instanceof SmokeFailure
        ? [error.message, error.status]
        : [`A fault of the smoke test itself: ${error instanceof Error ? error.name : 'unknown'}.`, undefined];
    say(describe('✗', name, status, took(), what));
    return false;
  }
};

/**
 * Goes through the journey and prints one line a step. What needs something that an earlier step did not bring is left out; a report that
 * was ordered is deleted in any case. No line holds a token.
 *
 * @returns how many steps failed
 */
export const runSmoke = async (target: SmokeTarget, say: (line: string) => void): Promise<number> => {
  const { steps, progress } = createSmokeJourney(target);
  let failed = 0;
  for (const step of steps) {
    const { name, needs } = step;
    if (needs !== undefined && progress[needs] === undefined) {
      say(`– ${name.padEnd(column)}left out: there is no ${needs === 'id' ? 'order' : 'report'}`);
    } else if (!(await runStep(step, say))) failed += 1;
  }
  return failed;
};
