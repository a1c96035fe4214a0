import { rejections } from '../rejection';

/** How the guard says no to a request whose route is not for everyone (RFC 6750, 3.1). */
export const refusedAccess = rejections({
  'token-missing': [401, 'This operation needs a bearer token: Authorization: Bearer …'],
  'token-invalid': [401, 'The bearer token is none that was given here.'],
  'token-expired': [401, 'The bearer token has expired; log in again.'],
  'token-revoked': [401, 'The bearer token was revoked: its bearer logged out or has changed; log in again.'],
  'role-missing': [403, 'This operation needs a role that the bearer of the token does not have.'],
});
