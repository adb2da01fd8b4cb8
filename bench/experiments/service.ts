import type { Experiment } from '../harness/experiment.ts';
import type { Figure } from '../harness/figure.ts';
import { measureJobStatus } from '../service/measure-job-status.ts';
import { measureOrders } from '../service/measure-orders.ts';
import { measureTicks } from '../service/measure-ticks.ts';
import { startStage } from '../service/stage.ts';

const measureOnStage = async (isQuick: boolean): Promise<readonly Figure[]> => {
  const stage = await startStage();
  try {
    const orders = await measureOrders(stage, isQuick ? 3 : 9, isQuick ? 1000 : 3000);
    return [...orders, ...(await measureJobStatus(stage, isQuick ? 5 : 15))];
  } finally {
    await stage.stop();
  }
};

/** How far does the service scale? */
export const service: Experiment = {
  question:
    'How many orders a second, and does what a page of jobs and a tick cost stay bounded however many jobs there are?',
  async run({ isQuick }) {
    const onStage = await measureOnStage(isQuick);
    return [...onStage, ...(await measureTicks(isQuick ? 10_000 : 100_000))];
  },
};
