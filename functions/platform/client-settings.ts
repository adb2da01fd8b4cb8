/**
 * Settings of every AWS SDK client: endpoint, region and credentials come from the SDK's own environment variables; these
 * are the time-outs and the retries. One call takes at most 3 attempts of 1 s to connect, 3 s until its answer begins and 3 s of silence
 * amid it (where the answer has begun, the SDK's `requestTimeout` no longer counts), so that a request of the api ends within the
 * gateway's 30 s also when a dependency hangs. Between attempts the SDK waits for a random part of a pause that
 * doubles (its retry mode `standard`, which is the default: "full jitter"), so that throttled callers do not come back together.
 *
 * Connections are kept alive, as is the SDK's default. `cacheMiddleware` stays off: it keeps the first handler of a class of commands for all that
 * follow, also what was added to that one command, and a command rehearsed at init must not become the next ones (`rehearse-command.ts`). It would save
 * about a seventh of what a call costs the processor.
 */
export const clientSettings = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, socketTimeout: 3000, throwOnRequestTimeout: true },
} as const;

/** As {@link clientSettings}, for reading files of gigabytes: the time-out is for silence on the line, not for the whole answer. */
export const streamingClientSettings = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1000, socketTimeout: 20_000 },
} as const;

/**
 * As {@link clientSettings}, for what an answer still waits for when it is decided: its audit event and, beside it, an order's message, which the
 * dispatcher makes up for. At most 2 attempts of 0.5 s to connect and 1 s to answer, which is within the 4 s that are left when a request is answered
 * at its last moment. Silence amid an answer ends after 1 s too.
 */
export const lastCallSettings = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1000, socketTimeout: 1000, throwOnRequestTimeout: true },
} as const;

/** Items never hold `undefined`: what is absent in the domain is absent in the item. */
export const documentSettings = { marshallOptions: { removeUndefinedValues: true } } as const;
