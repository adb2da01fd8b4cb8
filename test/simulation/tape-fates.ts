import type { DecisionTape } from './decision-tape.ts';
import { calm, type Fate, type Fates, type FaultKind, type PortCall } from './fate.ts';
import type { RunPlan } from './run-plan.ts';

const second = 1000;
const lateness = [500, 3500, 20 * second, 70 * second];
const stillness = [20 * second, 65 * second, 130 * second, 130 * second, 240 * second];

const drawFault = (kind: FaultKind, tape: DecisionTape, clockOffsets: readonly number[]): Fate => {
  const pick = (choices: readonly number[]) => choices[tape.draw(choices.length)] ?? 0;
  switch (kind) {
    case 'fail-before':
      return { ...calm, end: 'failed' };
    case 'answer-lost':
      return { ...calm, end: 'lost' };
    case 'unreachable':
      return { ...calm, end: 'failed', failsNext: pick([2, 2, 5, 11]) };
    case 'silence':
      return { ...calm, end: 'lost', failsNext: pick([2, 2, 5, 11]) };
    case 'crash-before':
      return { ...calm, end: 'crash-before' };
    case 'crash-after':
      return { ...calm, end: 'crash-after' };
    case 'slow':
      return { ...calm, before: pick(lateness) };
    case 'slow-answer':
      return { ...calm, after: pick(lateness) };
    case 'freeze':
      return { ...calm, freeze: pick(stillness) };
    case 'clock-jump':
      return { ...calm, clockOffset: pick([-45 * second, 45 * second, 0, ...clockOffsets]) };
  }
};

/** What the fates need to know of the run. */
export interface FateSurroundings {
  readonly tape: DecisionTape;
  readonly plan: RunPlan;
  now(): number;
  isDown(service: string): boolean;
  isRefused(service: string): boolean;
  /** Called for each fault. */
  count(kind: FaultKind | 'outage' | 'refusal'): void;
}

/** Fates as the tape decides them, each call by one decision, or a few more where something goes wrong. */
export const createTapeFates = ({ tape, plan, now, isDown, isRefused, count }: FateSurroundings): Fates => {
  const { faultRate, faults, faultyRoles, faultyOperations, latencies, clockOffsets } = plan;
  const mayFail = ({ role, operation }: PortCall): boolean =>
    faultyRoles.includes(role) && (faultyOperations.length === 0 || faultyOperations.includes(operation));
  const decide = (call: PortCall): Fate => {
    const decision = tape.draw(256);
    if (decision < 256 - faultRate || !mayFail(call)) {
      const before = latencies[decision % latencies.length] ?? 1;
      const after = decision % 5 === 4 ? (latencies[(decision >> 3) % latencies.length] ?? 0) : 0;
      return { before, after, end: 'answered' };
    }
    const kind = faults[tape.draw(faults.length)] ?? 'fail-before';
    count(kind);
    return drawFault(kind, tape, clockOffsets);
  };
  /** The shards of an index are asked at the same moment; one decision is enough for all of them. */
  let together: { readonly at: number; readonly fate: Fate } | undefined;
  return {
    of(call) {
      if (isDown(call.service)) {
        count('outage');
        return { before: 2, after: 0, end: 'failed' };
      }
      if (isRefused(call.service)) {
        count('refusal');
        return { before: 2, after: 0, end: 'refused' };
      }
      if (call.role !== 'dispatcher' || call.operation !== 'Query') return decide(call);
      if (together?.at !== now()) together = { at: now(), fate: decide(call) };
      return together.fate;
    },
  };
};
