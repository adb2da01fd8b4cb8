import type { ChildProcess, Serializable } from 'node:child_process';
import { once } from 'node:events';
import { reportToParent } from '../harness/helper-process.ts';

const question = 'usage';

/** For a program of this folder: tells its processor time so far whenever it is asked. */
export const answerUsage = (): void => {
  process.on('message', (message: Serializable) => {
    if (message !== question) return;
    const { user, system } = process.cpuUsage();
    reportToParent({ cpuMillis: (user + system) / 1000 });
  });
};

/** The processor time of a process that answers, in ms, since it was started. */
export const askUsage = async (child: ChildProcess): Promise<number> => {
  const answered = once(child, 'message');
  child.send(question);
  const [{ cpuMillis }] = (await answered) as [{ readonly cpuMillis: number }];
  return cpuMillis;
};
