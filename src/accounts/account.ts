import type { Aggregate } from '../kernel/aggregate';
import type { Sealed } from '../kernel/personal-data/personal';
import { rejections } from '../kernel/rejection';
import { CUSTOMER, type GrantedRole } from '../words/roles';
import { accountEvents, type AccountEvent, type AccountStatus } from './accounts.events';

export interface RegisteredAccount {
  readonly status: AccountStatus;
  readonly accountId: string;
  readonly email: Sealed<'Email'>;
  readonly emailClaim: string;
  readonly credential: Sealed<'PasswordHash'>;
  readonly name: Sealed<'PersonName'> | null;
  readonly grantedRoles: readonly GrantedRole[];
  /** Tokens carry it; a token of another session version is void. */
  readonly sessionVersion: number;
  /** Guests who became this account. */
  readonly guestIds: readonly string[];
}

export type Account = { readonly status: 'none' } | RegisteredAccount;

export const rejected = rejections({
  'account-not-found': [404, 'There is no such account.'],
  'own-admin-rights': [409, 'Admins can not take their own rights away; another admin can.'],
});

export const account: Aggregate<Account, AccountEvent> = {
  name: 'account',
  stateVersion: 1,
  initial: { status: 'none' },
  events: accountEvents,
  evolve,
};

function evolve(account: Account, { type, data }: AccountEvent): Account {
  if (type === 'AccountRegistered') {
    const { name = null, ...registered } = data;
    return { ...registered, name, status: 'active', grantedRoles: [], sessionVersion: 0, guestIds: [] };
  }
  const known = account as RegisteredAccount;
  const sessionVersion = known.sessionVersion + 1;
  switch (type) {
    case 'RoleGranted':
      return { ...known, sessionVersion, grantedRoles: [...known.grantedRoles, data.role] };
    case 'RoleRevoked':
      return { ...known, sessionVersion, grantedRoles: known.grantedRoles.filter((role) => role !== data.role) };
    case 'PasswordChanged':
      return { ...known, sessionVersion, credential: data.credential };
    case 'SessionsRevoked':
      return { ...known, sessionVersion };
    case 'AccountDisabled':
      return { ...known, sessionVersion, status: 'disabled' };
    case 'AccountEnabled':
      return { ...known, status: 'active' };
    case 'GuestAliasAdded':
      return { ...known, guestIds: [...known.guestIds, data.guestId] };
  }
}

export const rolesOf = ({ grantedRoles }: RegisteredAccount): string[] => [CUSTOMER, ...grantedRoles];

/** The account, which must have been registered. @throws Rejected `account-not-found` */
export function existing(account: Account): RegisteredAccount {
  if (account.status === 'none') throw rejected('account-not-found');
  return account;
}

type Registration = Extract<AccountEvent, { type: 'AccountRegistered' }>['data'];

/** Nothing to do for an account that is there: its id is derived from what registers it. */
export function register(account: Account, registration: Registration, ...roles: GrantedRole[]): AccountEvent[] {
  if (account.status !== 'none') return [];
  const { accountId } = registration;
  const grants = roles.map((role): AccountEvent => ({ type: 'RoleGranted', data: { accountId, role } }));
  return [{ type: 'AccountRegistered', data: registration }, ...grants];
}

export function grantRole(account: Account, { role }: { role: GrantedRole }): AccountEvent[] {
  const { accountId, grantedRoles } = existing(account);
  return grantedRoles.includes(role) ? [] : [{ type: 'RoleGranted', data: { accountId, role } }];
}

/** `by`: id of the account that wants it. */
export function revokeRole(account: Account, { role, by }: { role: string; by: string }): AccountEvent[] {
  const { accountId, grantedRoles } = existing(account);
  const held = grantedRoles.find((granted) => granted === role);
  if (held === 'admin' && by === accountId) throw rejected('own-admin-rights');
  return held ? [{ type: 'RoleRevoked', data: { accountId, role: held } }] : [];
}

export function changePassword(
  account: Account,
  { credential }: Pick<RegisteredAccount, 'credential'>,
): AccountEvent[] {
  return [{ type: 'PasswordChanged', data: { accountId: existing(account).accountId, credential } }];
}

export function revokeSessions(account: Account): AccountEvent[] {
  return [{ type: 'SessionsRevoked', data: { accountId: existing(account).accountId } }];
}

/** `by`: id of the account that wants it. */
export function disable(account: Account, { by }: { by: string }): AccountEvent[] {
  const { accountId, status } = existing(account);
  if (by === accountId) throw rejected('own-admin-rights');
  return status === 'disabled' ? [] : [{ type: 'AccountDisabled', data: { accountId } }];
}

export function enable(account: Account): AccountEvent[] {
  const { accountId, status } = existing(account);
  return status === 'active' ? [] : [{ type: 'AccountEnabled', data: { accountId } }];
}

/** At most so many guests become one account: each is a name by which it is known ever after. Nobody logs in from so many browsers. */
export const MAX_GUESTS = 1_000;

/** Whether this guest may become the account, or has. */
export const takesGuest = (account: Account, guestId: string): boolean =>
  account.status === 'none' || account.guestIds.length < MAX_GUESTS || account.guestIds.includes(guestId);

/** The guest was linked to this account; see `guest.ts`. */
export function addGuestAlias(account: Account, { guestId }: { guestId: string }): AccountEvent[] {
  const { accountId, guestIds } = existing(account);
  return guestIds.includes(guestId) ? [] : [{ type: 'GuestAliasAdded', data: { accountId, guestId } }];
}

/** Who lost the first admin's password, and has the machine, becomes admin again, whatever was done to that account. */
export function recoverAdmin(account: Account, { credential }: Pick<RegisteredAccount, 'credential'>): AccountEvent[] {
  return [...changePassword(account, { credential }), ...grantRole(account, { role: 'admin' }), ...enable(account)];
}
