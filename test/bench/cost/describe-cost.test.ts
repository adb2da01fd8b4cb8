import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countStanding } from '../../../bench/cost/count-standing.ts';
import { describeCost } from '../../../bench/cost/describe-cost.ts';
import { estimateMilliseconds, type PriceList, priceMonth, sumUp } from '../../../bench/cost/price-month.ts';
import type { Measurement } from '../../../bench/cost/work.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const measured = {
  ...(JSON.parse(read('bench/cost/measured-work.json')) as Measurement),
  standing: countStanding(),
};
const list = JSON.parse(read('infra/prices/eu-north-1.json')) as PriceList;
const costOf = (bill: ReturnType<typeof priceMonth>, item: string) => bill.find((line) => line.item === item)?.cost;

test('docs/cost.md is what npm run cost prints; else: npm run --silent cost > docs/cost.md', () => {
  expect(read('docs/cost.md')).toBe(describeCost(measured, list));
});

test('each metric that an alarm watches is paid for, those of an expression too; and each queue that Lambda asks', () => {
  const { alarms, queues } = countStanding();
  const root = new URL('../../../', import.meta.url);
  const files = globSync('infra/{alarms,resources}/*.yml', { cwd: root });
  const names =
    files
      .map(read)
      .join('\n')
      .match(/^ +Type: AWS::CloudWatch::Alarm$/gm)?.length ?? 0;
  // The latency of six routes and the throttles of six functions are one alarm each.
  expect(alarms).toBe(names + 2 * 5);
  expect(queues).toBe(2);
});

test('every price says what it is for, what it rests on, and of which day the list is', () => {
  expect(list.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
  for (const price of Object.values(list.prices)) {
    expect(price).toEqual({
      price: expect.any(Number),
      per: expect.any(String),
      basis: expect.stringMatching(/^(seen|remembered)$/),
    });
  }
});

test('a month without an order costs what stands there; each order as much as the one before', () => {
  const together = (orders: number) => sumUp(priceMonth(measured, list, orders));
  expect(together(0)).toBeGreaterThan(0);
  expect(together(2_000_000) - together(1_000_000)).toBeCloseTo((together(1_100_000) - together(1_000_000)) * 10, 0);
});

test('a line is its quantity times its price', () => {
  const bill = priceMonth(measured, list, 1_000_000);
  expect(costOf(bill, 'API Gateway')).toBeCloseTo(6_000_000 * list.prices.gatewayRequest.price, 6);
  const writes = measured.work.order.writeUnits + measured.work.report.writeUnits;
  expect(costOf(bill, 'DynamoDB, writes')).toBeCloseTo(writes * 1_000_000 * list.prices.dynamodbWrite.price, 6);
});

test('only the time of functions follows the clock', () => {
  const [usual, slow] = [priceMonth(measured, list, 1000), priceMonth(measured, list, 1000, 2)];
  for (const { item, cost } of usual)
    expect(costOf(slow, item), item).toBeCloseTo(item === 'Lambda, time' ? 2 * cost : cost, 9);
});

test('a function with part of a processor takes longer for the same work', () => {
  const halved = { ...measured, memory: { ...measured.memory, worker: 1769 / 2 } };
  const waits = estimateMilliseconds(measured, 'report') - measured.work.report.processorMilliseconds;
  expect(estimateMilliseconds(halved, 'report')).toBe(2 * measured.work.report.processorMilliseconds + waits);
});
