import type { Operation, PublicOperation } from './operation.ts';

/** A method in capitals. `GET` serves `HEAD` too (RFC 9110 section 9.3.2). */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Path {
  /** Name for logs. */
  readonly name: string;
  /** Below the base, as OpenAPI writes it: `/Binary/{id}`. What it means to FHIR follows from it and the method (FHIR R4 http.html). */
  readonly template: string;
  /** Made from the template; over the decoded path below the base, anchored. Captures one group a parameter. */
  readonly pattern: RegExp;
}

/** A path whose every method asks for a token, and what its methods do. A method that stands for nothing here is answered 405. */
export interface GuardedRoute extends Path {
  readonly access: 'token';
  readonly methods: Readonly<Partial<Record<Method, Operation>>>;
}

/** A path that is open to everyone: a token that is sent all the same is not looked at. Only {@link waiveToken} makes one. */
export interface PublicRoute extends Path {
  readonly access: 'public';
  readonly methods: Readonly<Partial<Record<Method, PublicOperation>>>;
}

/** One path of the service. */
export type Route = GuardedRoute | PublicRoute;

/** `$` and `%24` are the same: the gateway decodes the path. A trailing slash is tolerated. */
const toPattern = (template: string): RegExp =>
  new RegExp(`^${template.replaceAll(/[$.]/g, '\\$&').replaceAll(/\{\w+\}/g, '([^/]+)')}/?$`);

/** A path that asks for a token. */
export const guard = (name: string, template: string, methods: GuardedRoute['methods']): GuardedRoute => ({
  access: 'token',
  name,
  template,
  pattern: toPattern(template),
  methods,
});

/** A path without token: the only way to leave the check out, and it has to be written down. */
export const waiveToken = (name: string, template: string, methods: PublicRoute['methods']): PublicRoute => ({
  access: 'public',
  name,
  template,
  pattern: toPattern(template),
  methods,
});
