import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTicker } from '../../local/ticker.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('the ticker', () => {
  it('ticks at once and then at its rate, until it is stopped', async () => {
    const tick = vi.fn(async () => {});
    const ticker = startTicker(60, tick, () => {});
    await vi.advanceTimersByTimeAsync(120_000);
    expect(tick).toHaveBeenCalledTimes(3);
    await ticker.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(tick).toHaveBeenCalledTimes(3);
  });

  it('leaves out a tick while one still runs', async () => {
    const running = Promise.withResolvers<void>();
    const tick = vi.fn(() => running.promise);
    const ticker = startTicker(60, tick, () => {});
    await vi.advanceTimersByTimeAsync(180_000);
    expect(tick).toHaveBeenCalledTimes(1);
    running.resolve();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tick).toHaveBeenCalledTimes(2);
    await ticker.stop();
  });

  it('goes on after a tick that fails', async () => {
    const told: unknown[] = [];
    const tick = vi.fn(() => Promise.reject(new Error('no')));
    const ticker = startTicker(60, tick, (error) => void told.push(error));
    await vi.advanceTimersByTimeAsync(60_000);
    await ticker.stop();
    expect(told).toEqual([new Error('no'), new Error('no')]);
  });
});
