import { Resolver } from 'node:dns/promises';

/** IP addresses of a host name; rejects when there are none or the name servers do not answer. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

/** With a second try after a longer wait, one family takes at most about 1.5 s. */
const queryMillis = 500;

/**
 * Asks the name servers directly: IPv4, then IPv6 where there is none. The system's resolver would hold one of the process's few
 * worker threads for as long as a broken zone hangs, and with it every other tenant. `/etc/hosts` and search domains are not consulted.
 *
 * @param servers `address` or `address:port` of name servers; the machine's own by default.
 */
export const createDnsResolver = (servers?: readonly string[]): ResolveHost => {
  return async (hostname) => {
    const resolver = new Resolver({ timeout: queryMillis, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    try {
      return await resolver.resolve4(hostname);
    } catch {
      return await resolver.resolve6(hostname);
    }
  };
};
