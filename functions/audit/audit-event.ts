import { toFhirInstant } from '../fhir/fhir-date-time.ts';
import { toDefinitionId } from '../fhir/operation-definition.ts';
import { product } from '../platform/product.ts';

/** A FHIR interaction that this service serves or refuses (http://hl7.org/fhir/restful-interaction). */
export type Interaction = 'read' | 'vread' | 'history-instance' | 'delete' | 'operation';

/** Create, read, update, delete, execute (http://hl7.org/fhir/audit-event-action). */
type Action = 'C' | 'R' | 'U' | 'D' | 'E';

/** Success, minor failure (the request's fault), serious failure (the service's) (http://hl7.org/fhir/audit-event-outcome). */
type Outcome = '0' | '4' | '8';

interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

interface AuditEntity {
  readonly what: { readonly reference: string } | { readonly identifier: { readonly value: string } };
  readonly type: Coding;
  readonly role?: Coding;
}

/** A FHIR R4 AuditEvent (auditevent.html), with the members that this service writes. */
export interface AuditEvent {
  readonly resourceType: 'AuditEvent';
  readonly type: Coding;
  /** The interaction; absent where the request names none of this service's. */
  readonly subtype?: readonly [Coding];
  readonly action?: Action;
  /** When the outcome was known. UTC with milliseconds. */
  readonly recorded: string;
  readonly outcome: Outcome;
  /** The HTTP status and, for a refusal, the error's code: `404 GENERAL_RESOURCE_NOT_FOUND`. */
  readonly outcomeDesc: string;
  /** The user by issuer and `user_id`; `unknown` without a valid token. */
  readonly agent: readonly [
    {
      readonly who:
        | { readonly identifier: { readonly system: string; readonly value: string } }
        | { readonly display: 'unknown' };
      readonly requestor: true;
    },
  ];
  /** `site` is the tenant. */
  readonly source: {
    readonly site?: string;
    readonly observer: { readonly display: string };
    readonly type: readonly [Coding];
  };
  /** The request's id, then the operation, then the Binary. */
  readonly entity: readonly AuditEntity[];
}

/** What is known of a request once it has its answer. */
export interface AuditedRequest {
  /** Milliseconds since the epoch. */
  readonly recorded: number;
  readonly requestId: string;
  readonly interaction: Interaction | undefined;
  /** Whom the token proves; undefined without a valid one. */
  readonly user: { readonly tenant: string; readonly issuer: string; readonly userId: string } | undefined;
  readonly status: number;
  readonly errorCode: string | undefined;
  /** Name of the operation, without `$`. */
  readonly operation: string | undefined;
  /** The Binary that was asked for or made, relative: `Binary/…` or `Binary/…/_history/1`. Only ids of this service's own form. */
  readonly binary: string | undefined;
}

const actions = {
  read: 'R',
  vread: 'R',
  'history-instance': 'R',
  delete: 'D',
  operation: 'E',
} as const satisfies Record<Interaction, Action>;

const systemObject: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  code: '2',
  display: 'System Object',
};

/** The id of the request as IHE's Basic Audit Log Patterns (ITI BALP 1.1) carry it. */
const requestEntity = (requestId: string): AuditEntity => ({
  what: { identifier: { value: requestId } },
  type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
});

const report: Coding = { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '3', display: 'Report' };

const describeInteraction = (interaction: Interaction): Pick<AuditEvent, 'subtype' | 'action'> => ({
  subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: interaction }],
  action: actions[interaction],
});

const describeUser = (user: AuditedRequest['user']): AuditEvent['agent'][0]['who'] =>
  user === undefined ? { display: 'unknown' } : { identifier: { system: user.issuer, value: user.userId } };

const describeOutcome = (status: number): Outcome => {
  if (status < 400) return '0';
  return status < 500 ? '4' : '8';
};

/** The audit event of one request: who, what by its id, which outcome; no content, no token, no patient. */
export const describeAudit = (request: AuditedRequest): AuditEvent => ({
  resourceType: 'AuditEvent',
  type: {
    system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
    code: 'rest',
    display: 'RESTful Operation',
  },
  ...(request.interaction === undefined ? {} : describeInteraction(request.interaction)),
  recorded: toFhirInstant(request.recorded),
  outcome: describeOutcome(request.status),
  outcomeDesc: [String(request.status), ...(request.errorCode === undefined ? [] : [request.errorCode])].join(' '),
  agent: [{ who: describeUser(request.user), requestor: true }],
  source: {
    ...(request.user === undefined ? {} : { site: request.user.tenant }),
    observer: { display: `${product.name}/${product.version}` },
    type: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
        code: '4',
        display: 'Application Server',
      },
    ],
  },
  entity: [
    requestEntity(request.requestId),
    ...(request.operation === undefined
      ? []
      : [{ what: { reference: `OperationDefinition/${toDefinitionId(request.operation)}` }, type: systemObject }]),
    ...(request.binary === undefined
      ? []
      : [{ what: { reference: request.binary }, type: systemObject, role: report }]),
  ],
});
