import { readFileSync } from 'node:fs';
import type { FunctionName } from '../../infra/build-bundles.ts';
import { aliasName } from '../../infra/live-aliases.ts';
import { parseTemplate } from '../../infra/parse-template.ts';
import { readParameters } from '../../infra/read-parameters.ts';
import { resolveTemplate } from '../../local/resolve-template.ts';
import type { MetricPoint } from './metric-points.ts';

/** Calls functions as Lambda's invoker does, and counts what Lambda counts. */
export interface LambdaCounter {
  /** Rejects where the function does, or where it may not run. */
  invoke<Answer>(name: FunctionName, call: () => Promise<Answer>): Promise<Answer>;
  /** The same for a caller who does not hear of it. */
  run(name: FunctionName, call: () => Promise<unknown>): Promise<void>;
}

const refuse = (id: string): never => {
  throw new Error(`${id} has no meaning here`);
};

/** How many of a function may run at a time, as `infra/functions/` says; undefined where it does not. */
const readReserved = (name: FunctionName): number | undefined => {
  const text = readFileSync(new URL(`../../infra/functions/${name}.yml`, import.meta.url), 'utf8');
  const { reservedConcurrency } = parseTemplate(text) as { reservedConcurrency?: unknown };
  const scope = { parameters: readParameters(), ref: refuse, getAtt: refuse };
  const reserved =
    typeof reservedConcurrency === 'string'
      ? resolveTemplate(reservedConcurrency, {
          ...scope,
          ref: () => undefined as never,
        })
      : reservedConcurrency;
  return typeof reserved === 'number' ? reserved : undefined;
};

/** What CloudFormation calls a function. */
export const functionLogicalId = (name: FunctionName): string =>
  `${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`;

/** A counter that adds to `points`, with the function's logical id for its name. */
export const startLambdaCounter = (points: MetricPoint[]): LambdaCounter => {
  const running = new Map<FunctionName, number>();
  const count = (name: FunctionName, metric: 'Errors' | 'Throttles') => {
    const FunctionName = functionLogicalId(name);
    // Everything calls the alias, so Lambda counts for it too.
    for (const dimensions of [{ FunctionName }, { FunctionName, Resource: `${FunctionName}:${aliasName}` }]) {
      points.push({ namespace: 'AWS/Lambda', name: metric, unit: 'Count', dimensions, value: 1, at: Date.now() });
    }
  };
  const invoke: LambdaCounter['invoke'] = async (name, call) => {
    const now = running.get(name) ?? 0;
    if (now >= (readReserved(name) ?? Number.POSITIVE_INFINITY)) {
      count(name, 'Throttles');
      throw new Error(`${name} is throttled`);
    }
    running.set(name, now + 1);
    try {
      return await call();
    } catch (error) {
      count(name, 'Errors');
      throw error;
    } finally {
      running.set(name, (running.get(name) ?? 1) - 1);
    }
  };
  return {
    invoke,
    run: async (name, call) => {
      await invoke(name, call).catch(() => {});
    },
  };
};
