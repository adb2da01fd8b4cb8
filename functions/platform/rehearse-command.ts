/** A request as the AWS SDK has built and signed it. */
interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
}

/** What of an answer has to be taken before its connection is free again. */
interface Answer {
  readonly response: { readonly body?: AsyncIterable<unknown> };
}

/** Of an AWS SDK client: what sends its requests. */
interface RehearsingClient {
  readonly config: { readonly requestHandler: { handle(request: never): Promise<unknown> } };
  send(command: never, options: never): Promise<unknown>;
}

/** Of a command of an AWS SDK client: where something can be put between signing and sending it. */
interface RehearsedCommand {
  readonly middlewareStack: { add(middleware: never, options: never): void };
}

/** The same host, and nothing of the request but that: no signature, no path, no body. */
const toGreeting = (request: SignedRequest): object =>
  Object.assign(Object.create(Object.getPrototypeOf(request)), request, {
    method: 'GET',
    path: '/',
    query: {},
    headers: { host: request.headers['host'] },
    body: undefined,
  });

/** Ends a command that has been rehearsed: nothing that follows would have an answer to look at. */
class Rehearsed extends Error {
  override readonly name = 'Rehearsed';
}

/**
 * Does everything that a command of the AWS SDK needs but the command itself: it is serialised, its endpoint found, credentials read, and
 * it is signed. In its place a `GET /` goes out without a signature, whose answer does not matter; it leaves an open connection behind.
 * Nothing is written or read, whatever the command is.
 *
 * @throws what the SDK throws when the host does not answer, after its usual attempts
 */
export const rehearseCommand = async (client: RehearsingClient, command: RehearsedCommand): Promise<void> => {
  const { requestHandler } = client.config;
  const greet =
    () =>
    async ({ request }: { readonly request: SignedRequest }) => {
      const { response } = (await requestHandler.handle(toGreeting(request) as never)) as Answer;
      for await (const _ of response.body ?? []);
      throw new Rehearsed();
    };
  // The outermost of the step that receives answers: inside of signing and retrying, outside of everything that would read the answer.
  command.middlewareStack.add(greet as never, { step: 'deserialize', priority: 'high', name: 'rehearsal' } as never);
  // With options a client keeps no handler for the command's class (`cacheMiddleware`): the next of its kind has to be sent.
  await client.send(command as never, {} as never).catch((error: unknown) => {
    if (!(error instanceof Rehearsed)) throw error;
  });
};
