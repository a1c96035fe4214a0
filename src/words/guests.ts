import { rejections } from '../kernel/rejection';

/** How a guest who has become an account is refused: its cart and its orders are the account's now. */
export const refusedGuest = rejections({
  'guest-token-used': [409, 'This guest has logged in; use the token of the account.'],
});
