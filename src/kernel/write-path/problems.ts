import { rejections } from '../rejection';

/** How the write path itself says no. */
export const refused = rejections({
  'precondition-failed': [412, 'The resource has changed since the revision that If-Match names.'],
  'idempotency-key-reused': [422, 'This Idempotency-Key was used for a request that asked for something else.'],
  'command-expired': [409, 'The command arrived after the moment until which it was meant.'],
  'creation-abandoned': [
    409,
    'It took too long to create this resource, and others may have its names now; create it with another Idempotency-Key.',
  ],
  'too-many-commands': [429, 'Too many commands were given to this resource; Retry-After says when it takes more.'],
  'too-many-conflicts': [503, 'Others change this resource all the time; try again with the same Idempotency-Key.'],
});
