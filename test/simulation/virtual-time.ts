/** Time that passes only as events are taken. */
export interface VirtualTime {
  /** The true time, which no process knows. Milliseconds since the epoch. */
  now(): number;
  /** Has something happen; @returns what calls it off. Events of one moment happen in the order in which they were set. */
  at(time: number, run: () => void): () => void;
  /** Lets the next event happen; `false` when there is none. */
  step(): boolean;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

const comesBefore = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** A binary heap, the next event first. */
const createHeap = () => {
  const entries: Entry[] = [];
  const swap = (one: number, other: number): void => {
    [entries[one], entries[other]] = [entries[other] as Entry, entries[one] as Entry];
  };
  const isBefore = (one: number, other: number) => comesBefore(entries[one] as Entry, entries[other] as Entry);
  const sink = (): void => {
    for (let at = 0; ; ) {
      let least = at;
      if (2 * at + 1 < entries.length && isBefore(2 * at + 1, least)) least = 2 * at + 1;
      if (2 * at + 2 < entries.length && isBefore(2 * at + 2, least)) least = 2 * at + 2;
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  };
  return {
    push(entry: Entry): void {
      let at = entries.push(entry) - 1;
      for (let above = (at - 1) >> 1; at > 0 && isBefore(at, above); above = (at - 1) >> 1) {
        swap(at, above);
        at = above;
      }
    },
    pop(): Entry | undefined {
      const first = entries[0];
      const last = entries.pop();
      if (last === undefined || last === first) return first;
      entries[0] = last;
      sink();
      return first;
    },
  };
};

/** Time that begins at an instant. */
export const createVirtualTime = (start: number): VirtualTime => {
  const heap = createHeap();
  let now = start;
  let order = 0;
  return {
    now: () => now,
    at(time, run) {
      order += 1;
      const entry: Entry = { at: Math.max(time, now), order, run };
      heap.push(entry);
      return () => {
        entry.run = undefined;
      };
    },
    step() {
      for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) {
        if (entry.run === undefined) continue;
        now = entry.at;
        entry.run();
        return true;
      }
      return false;
    },
  };
};
