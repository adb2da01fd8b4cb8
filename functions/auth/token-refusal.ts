import { type ErrorDetails, ServiceError } from '../platform/service-error.ts';

type Refusal = Pick<ErrorDetails, 'challenge' | 'expired'> & { readonly text: string };

const malformed = 'The access token is malformed';
const unsupportedHeader = 'The header of the access token is not supported';
const notAccepted = 'The access token is not accepted here';

/**
 * Why a token is refused, as a fixed word for logs, and the one sentence that the client sees. Clients are told less than logs:
 * which issuers, keys and audiences the service knows is none of their business.
 */
const refusals = {
  'token-missing': { text: 'No access token was sent', challenge: 'none' },
  'scheme-unknown': { text: 'The Authorization header does not have the scheme Bearer', challenge: 'none' },
  'token-empty': { text: 'The Authorization header holds no access token' },
  'token-too-long': { text: 'The access token is longer than 8192 characters' },
  'token-form': { text: malformed },
  'token-encoding': { text: malformed },
  'token-json': { text: malformed },
  'header-alg': { text: unsupportedHeader },
  'header-typ': { text: unsupportedHeader },
  'header-critical': { text: unsupportedHeader },
  'header-foreign-key': { text: unsupportedHeader },
  'header-kid': { text: 'The access token does not say by which key it is signed' },
  'issuer-unknown': { text: notAccepted },
  'tenant-disabled': { text: notAccepted },
  'alg-not-allowed': { text: notAccepted },
  'key-unknown': { text: notAccepted },
  'key-unfit': { text: notAccepted },
  'signature-wrong': { text: notAccepted },
  'audience-wrong': { text: notAccepted },
  'not-an-access-token': { text: 'The token is not an access token' },
  'claim-type': { text: 'A claim of the access token has the wrong type' },
  'claim-exp': { text: 'The claim exp is missing or unusable' },
  'claim-nbf': { text: 'The claim nbf is unusable' },
  'claim-iat': { text: 'The claim iat is missing or unusable' },
  'claim-user-id': { text: 'The claim user_id is missing or unusable' },
  'claim-user-type': { text: 'The claim user_type is missing or unusable' },
  'claim-roles': { text: 'The claim with the roles is unusable' },
  expired: { text: 'The access token has expired', expired: true },
  'not-yet-valid': { text: 'The access token is not valid yet' },
  'issued-in-future': { text: 'The access token was issued in the future' },
  'issued-too-long-ago': { text: 'The access token was issued too long ago' },
} as const satisfies Record<string, Refusal>;

/** Why a token is refused: the `reason` of the error, for logs. */
export type TokenRefusal = keyof typeof refusals;

/**
 * The `SECURITY_TOKEN_INVALID` error for one reason: `args` holds the client's sentence, `reason` the word. Neither says anything
 * of the token's content.
 */
export const refuseToken = (reason: TokenRefusal): ServiceError => {
  const { text, ...details }: Refusal = refusals[reason];
  return new ServiceError('SECURITY_TOKEN_INVALID', { args: [text], challenge: 'invalid_token', ...details, reason });
};
