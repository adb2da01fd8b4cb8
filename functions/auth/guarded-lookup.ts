import { isIP, type LookupFunction } from 'node:net';
import { classifyAddress } from './address-rules.ts';
import type { ResolveHost } from './resolve-host.ts';

/** The `code` of the error with which a connection fails whose host has an address that may not be called. */
export const addressRefused = 'ERR_ADDRESS_REFUSED';

/**
 * A lookup for outgoing connections whose every address has been judged: what is connected to is what was checked, whatever the name says
 * later (no DNS rebinding). Fails with {@link addressRefused} when any address is reserved, or private without leave; with `ENOTFOUND` when
 * there is none. Node asks it for names only: an address in a URL is judged by `findAddressProblem`.
 *
 * @param mayBePrivate whether the operator trusts the host although it is private
 */
export const createGuardedLookup =
  (resolveHost: ResolveHost, mayBePrivate: boolean): LookupFunction =>
  (hostname, options, callback) => {
    const fail = (code: string): void => callback(Object.assign(new Error(code), { code }), '', 0);
    const answer = (addresses: readonly string[]): void => {
      const classes = new Set(addresses.map(classifyAddress));
      const refused = classes.has('forbidden') || (classes.has('private') && !mayBePrivate);
      const found = addresses.map((address) => ({ address, family: isIP(address) }));
      const [first] = found;
      if (refused || first === undefined) fail(refused ? addressRefused : 'ENOTFOUND');
      else if (options.all === true) callback(null, found);
      else callback(null, first.address, first.family);
    };
    resolveHost(hostname).then(answer, () => fail('ENOTFOUND'));
  };
