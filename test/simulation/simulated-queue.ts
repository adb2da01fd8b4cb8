import type { DecisionTape } from './decision-tape.ts';
import type { QueueRules } from './queue-rules.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A message of a queue. */
export interface Message {
  readonly id: string;
  readonly body: string;
  visibleAt: number;
  receives: number;
  isDeleted: boolean;
}

/** What surrounds the queue. */
export interface QueueSurroundings {
  readonly time: VirtualTime;
  readonly tape: DecisionTape;
  /** Of 256 messages, so many go wrong, until the run is quiet. */
  readonly faultRate: number;
  isQuiet(): boolean;
  count(kind: string): void;
  /** Called when messages may be there. */
  wake(): void;
  /** Without `retention`, messages are kept for longer than any run. */
  readonly rules: Omit<QueueRules, 'retention'> & Partial<QueueRules>;
}

const second = 1000;
const minute = 60 * second;

/** When a message that a worker has is delivered again all the same, in seconds. */
const earlyAfter = [1, 3, 8, 20, 60, 90];

/** SQS with its dead-letter queue: messages come at least once, sooner or later, in no order; here some are lost as well. */
export const createSimulatedQueue = ({ time, tape, faultRate, isQuiet, count, wake, rules }: QueueSurroundings) => {
  const { visibilityTimeout, maxReceiveCount, retention } = rules;
  const messages: Message[] = [];
  const dead: Message[] = [];
  let sent = 0;

  const goesWrong = (): boolean => !isQuiet() && faultRate > 0 && tape.chance(faultRate);
  const showAt = (message: Message, at: number): void => {
    message.visibleAt = at;
    time.at(at, wake);
  };
  const add = (body: string, at: number): void => {
    const message = { id: `message-${messages.length}`, body, visibleAt: at, receives: 0, isDeleted: false };
    messages.push(message);
    if (retention !== undefined) {
      time.at(time.now() + retention, () => {
        message.isDeleted = true;
      });
    }
    showAt(message, at);
  };
  const isThere = (message: Message): boolean => !message.isDeleted && message.visibleAt <= time.now();

  return {
    /** Bodies of all that was ever sent. */
    bodies: (): readonly string[] => messages.map(({ body }) => body),
    /** Sent messages by body, those included that were lost. */
    sent: () => sent,
    dead: (): readonly Message[] => dead,
    isEmpty: () => messages.every(({ isDeleted }) => isDeleted),
    send(body: string) {
      sent += 1;
      if (!goesWrong()) return add(body, time.now() + 5);
      const kind = (['lost', 'delayed', 'doubled'] as const)[tape.draw(3)];
      count(`message-${kind}`);
      if (kind === 'delayed') return add(body, time.now() + (1 + tape.draw(40)) * minute);
      if (kind !== 'doubled') return;
      add(body, time.now() + 5);
      add(body, time.now() + 5 + tape.draw(4) * 10 * second);
    },
    /** The next message that a worker gets, if there is one. It is hidden from others for a while. */
    receive(): Message | undefined {
      for (const message of messages) {
        if (!isThere(message)) continue;
        message.receives += 1;
        if (message.receives > maxReceiveCount) {
          message.isDeleted = true;
          dead.push(message);
          continue;
        }
        const isEarly = goesWrong();
        if (isEarly) count('message-again');
        showAt(
          message,
          time.now() + (isEarly ? (earlyAfter[tape.draw(earlyAfter.length)] ?? 1) * second : visibilityTimeout),
        );
        return message;
      }
      return undefined;
    },
    /** A worker has done with a message. */
    acknowledge(message: Message) {
      if (goesWrong()) {
        count('message-after-deletion');
        return showAt(message, time.now() + (1 + tape.draw(60)) * minute);
      }
      message.isDeleted = true;
    },
  };
};

/** SQS as the simulation has it. */
export type SimulatedQueue = ReturnType<typeof createSimulatedQueue>;
