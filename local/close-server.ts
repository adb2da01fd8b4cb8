import type { Server } from 'node:net';

/** Ends a server and all of its connections, idle ones of kept-alive clients too. Once: calling it again waits for the same end. */
export const createStop = (server: Server & { closeAllConnections(): void }): (() => Promise<void>) => {
  let stopped: Promise<void> | undefined;
  const close = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      server.closeAllConnections();
    });
  return () => {
    stopped ??= close();
    return stopped;
  };
};
