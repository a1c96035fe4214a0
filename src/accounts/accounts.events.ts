import Type from 'typebox';
import { defineEvents, v1, type EventOf } from '../kernel/event-definitions';
import { Personal } from '../kernel/personal-data/personal';
import { GRANTED_ROLES } from '../words/roles';
import { email, passwordHash, personName } from './accounts.people';

const Id = Type.String();

const GrantedRole = Type.Enum([...GRANTED_ROLES]);

export const ACCOUNT_STATUSES = ['active', 'disabled'] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

export const accountEvents = defineEvents('account', {
  AccountRegistered: v1({
    accountId: Id,
    email: Personal(email),
    /** Id of the claim on the e-mail: a keyed hash, by which the account is found. */
    emailClaim: Id,
    credential: Personal(passwordHash),
    name: Type.Optional(Personal(personName)),
  }),
  RoleGranted: v1({ accountId: Id, role: GrantedRole }),
  RoleRevoked: v1({ accountId: Id, role: GrantedRole }),
  PasswordChanged: v1({ accountId: Id, credential: Personal(passwordHash) }),
  /** Every token that was given before it is void. */
  SessionsRevoked: v1({ accountId: Id }),
  AccountDisabled: v1({ accountId: Id }),
  AccountEnabled: v1({ accountId: Id }),
  /** The guest's orders are the account's from now on. */
  GuestAliasAdded: v1({ accountId: Id, guestId: Id }),
});
export type AccountEvent = EventOf<typeof accountEvents>;

export const guestEvents = defineEvents('guest', {
  /** The guest logged in: once, and as one account only. */
  GuestLinked: v1({ guestId: Id, accountId: Id }),
});
export type GuestEvent = EventOf<typeof guestEvents>;
