import fc from 'fast-check';
import {
  account,
  addGuestAlias,
  changePassword,
  disable,
  enable,
  grantRole,
  MAX_GUESTS,
  recoverAdmin,
  register,
  revokeRole,
  revokeSessions,
  rolesOf,
  takesGuest,
  type Account,
  type RegisteredAccount,
} from '#src/accounts/account';
import type { AccountEvent, GuestEvent } from '#src/accounts/accounts.events';
import type { GrantedRole } from '#src/words/roles';
import { guest, link } from '#src/accounts/guest';
import { given, stateOf } from '../support/given';

const sealed = <K extends string>(kind: K, iv = 'one') =>
  ({ v: 1, subject: 'ann', purpose: 'profile', kind, iv, ct: '' }) as const;

const ann = {
  accountId: 'ann',
  email: sealed('Email'),
  emailClaim: 'claim-of-ann',
  credential: sealed('PasswordHash'),
};
const newCredential = sealed('PasswordHash', 'another');

const registered: AccountEvent = { type: 'AccountRegistered', data: ann };
const granted = (role: GrantedRole): AccountEvent => ({ type: 'RoleGranted', data: { accountId: 'ann', role } });
const revoked = (role: GrantedRole): AccountEvent => ({ type: 'RoleRevoked', data: { accountId: 'ann', role } });
const passwordChanged: AccountEvent = {
  type: 'PasswordChanged',
  data: { accountId: 'ann', credential: newCredential },
};
const sessionsRevoked: AccountEvent = { type: 'SessionsRevoked', data: { accountId: 'ann' } };
const disabled: AccountEvent = { type: 'AccountDisabled', data: { accountId: 'ann' } };
const enabled: AccountEvent = { type: 'AccountEnabled', data: { accountId: 'ann' } };
const aliasAdded: AccountEvent = { type: 'GuestAliasAdded', data: { accountId: 'ann', guestId: 'gus' } };

const known = (state: Account) => state as RegisteredAccount;

describe('registering', () => {
  it('makes a customer', () => {
    given(account)
      .when((a) => register(a, ann))
      .then(registered);
    expect(rolesOf(known(stateOf(account, [registered])))).toEqual(['customer']);
  });

  it('gives roles at once to an account that the shop itself makes', () =>
    given(account)
      .when((a) => register(a, ann, 'admin'))
      .then(registered, granted('admin')));

  it('has nothing to do for an account that is there', () =>
    given(account, registered)
      .when((a) => register(a, ann, 'admin'))
      .thenNothing());
});

describe('roles', () => {
  it('are granted once and revoked once', () => {
    given(account, registered)
      .when((a) => grantRole(a, { role: 'seller' }))
      .then(granted('seller'));
    given(account, registered, granted('seller'))
      .when((a) => grantRole(a, { role: 'seller' }))
      .thenNothing();
    given(account, registered, granted('seller'))
      .when((a) => revokeRole(a, { role: 'seller', by: 'bob' }))
      .then(revoked('seller'));
    given(account, registered)
      .when((a) => revokeRole(a, { role: 'seller', by: 'bob' }))
      .thenNothing();
  });

  it('that nobody has heard of are not there to be revoked', () =>
    given(account, registered)
      .when((a) => revokeRole(a, { role: 'customer', by: 'bob' }))
      .thenNothing());

  it('of an admin are not taken away by that admin, so that one is always left', () => {
    given(account, registered, granted('admin'))
      .when((a) => revokeRole(a, { role: 'admin', by: 'ann' }))
      .rejects('own-admin-rights');
    given(account, registered, granted('admin'))
      .when((a) => disable(a, { by: 'ann' }))
      .rejects('own-admin-rights');
    given(account, registered, granted('admin'))
      .when((a) => revokeRole(a, { role: 'admin', by: 'bob' }))
      .then(revoked('admin'));
  });
});

describe('an account', () => {
  it('is disabled once, and enabled once', () => {
    given(account, registered)
      .when((a) => disable(a, { by: 'bob' }))
      .then(disabled);
    given(account, registered, disabled)
      .when((a) => disable(a, { by: 'bob' }))
      .thenNothing();
    given(account, registered, disabled).when(enable).then(enabled);
    given(account, registered).when(enable).thenNothing();
  });

  it('that lost its rights and its password is made an admin again, whatever it lacks', () => {
    const recover = (a: Account) => recoverAdmin(a, { credential: newCredential });
    given(account, registered, granted('admin')).when(recover).then(passwordChanged);
    given(account, registered, disabled).when(recover).then(passwordChanged, granted('admin'), enabled);
  });

  it.each<[string, (a: Account) => AccountEvent[]]>([
    ['grantRole', (a) => grantRole(a, { role: 'seller' })],
    ['revokeRole', (a) => revokeRole(a, { role: 'seller', by: 'bob' })],
    ['changePassword', (a) => changePassword(a, { credential: newCredential })],
    ['revokeSessions', revokeSessions],
    ['disable', (a) => disable(a, { by: 'bob' })],
    ['enable', enable],
    ['addGuestAlias', (a) => addGuestAlias(a, { guestId: 'gus' })],
    ['recoverAdmin', (a) => recoverAdmin(a, { credential: newCredential })],
  ])('that nobody registered takes no %s', (_, decide) => given(account).when(decide).rejects('account-not-found'));
});

describe('what is known of an account', () => {
  it('is what it registered with, and nothing more', () => {
    expect(stateOf(account, [registered])).toEqual({
      ...ann,
      name: null,
      status: 'active',
      grantedRoles: [],
      sessionVersion: 0,
      guestIds: [],
    });
    const name = sealed('PersonName');
    expect(known(stateOf(account, [{ type: 'AccountRegistered', data: { ...ann, name } }])).name).toEqual(name);
  });

  it('follows its roles, its password and whether it may be used', () => {
    const after = (...events: AccountEvent[]) => known(stateOf(account, [registered, ...events]));
    expect(rolesOf(after(granted('seller'), granted('admin')))).toEqual(['customer', 'seller', 'admin']);
    expect(rolesOf(after(granted('seller'), granted('admin'), revoked('seller')))).toEqual(['customer', 'admin']);
    expect(after(passwordChanged).credential).toEqual(newCredential);
    expect([after(disabled).status, after(disabled, enabled).status]).toEqual(['disabled', 'active']);
  });

  it('changes with another password, and with a log-out everywhere', () => {
    given(account, registered)
      .when((a) => changePassword(a, { credential: newCredential }))
      .then(passwordChanged);
    given(account, registered).when(revokeSessions).then(sessionsRevoked);
  });
});

describe('the session version', () => {
  const versionAfter = (...events: AccountEvent[]) => known(stateOf(account, [registered, ...events])).sessionVersion;

  it.each<[string, AccountEvent]>([
    ['another password', passwordChanged],
    ['a log-out', sessionsRevoked],
    ['a role that is granted', granted('seller')],
    ['a role that is revoked', revoked('seller')],
    ['disabling', disabled],
  ])('is raised by %s', (_, event) => expect(versionAfter(event)).toBe(versionAfter() + 1));

  it('is left alone by what takes nothing from a token', () =>
    expect(versionAfter(aliasAdded, enabled)).toBe(versionAfter()));

  it('never goes back, and every log-out raises it', () => {
    const decisions = fc.constantFrom<(a: Account) => AccountEvent[]>(
      (a) => grantRole(a, { role: 'seller' }),
      (a) => revokeRole(a, { role: 'seller', by: 'bob' }),
      (a) => changePassword(a, { credential: newCredential }),
      revokeSessions,
      (a) => disable(a, { by: 'bob' }),
      enable,
      (a) => addGuestAlias(a, { guestId: 'gus' }),
    );
    fc.assert(
      fc.property(fc.array(decisions, { maxLength: 30 }), (all) => {
        let state = stateOf(account, [registered]);
        for (const decide of all) {
          const next = decide(state).reduce((s, event) => account.evolve(s, event), state);
          const [before, after] = [known(state).sessionVersion, known(next).sessionVersion];
          expect(after).toBeGreaterThanOrEqual(decide === revokeSessions ? before + 1 : before);
          state = next;
        }
      }),
    );
  });
});

it('a thousand guests become one account, and no more', () => {
  const alias = (n: number): AccountEvent => ({
    type: 'GuestAliasAdded',
    data: { accountId: 'ann', guestId: `guest-${n}` },
  });
  const aliases = Array.from({ length: MAX_GUESTS }, (_, n) => alias(n));
  expect(takesGuest(account.initial, 'gus')).toBe(true);
  expect(takesGuest(stateOf(account, [registered, ...aliases.slice(1)]), 'gus')).toBe(true);
  const full = stateOf(account, [registered, ...aliases]);
  expect([takesGuest(full, 'gus'), takesGuest(full, 'guest-0')]).toEqual([false, true]);
});

describe('a guest', () => {
  const linked = (accountId: string): GuestEvent => ({ type: 'GuestLinked', data: { guestId: 'gus', accountId } });

  it('becomes one account, once', () => {
    const linkTo = (accountId: string) => (g: typeof guest.initial) => link(g, { guestId: 'gus', accountId });
    given(guest).when(linkTo('ann')).then(linked('ann'));
    given(guest, linked('ann')).when(linkTo('ann')).thenNothing();
    given(guest, linked('ann')).when(linkTo('bob')).rejects('guest-token-used', { accountId: 'ann' });
  });

  it('is an alias of that account from then on', () => {
    given(account, registered)
      .when((a) => addGuestAlias(a, { guestId: 'gus' }))
      .then(aliasAdded);
    given(account, registered, aliasAdded)
      .when((a) => addGuestAlias(a, { guestId: 'gus' }))
      .thenNothing();
    expect(known(stateOf(account, [registered, aliasAdded])).guestIds).toEqual(['gus']);
  });
});
