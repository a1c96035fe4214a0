import { Injectable } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, WritePath, type Changed } from '../kernel/aggregates';
import { Claims, type ClaimScope } from '../kernel/claims';
import { Command } from '../kernel/commands';
import { decides } from '../kernel/decides';
import { normaliseEmail } from '../kernel/normalise';
import { claimedSpelling, possibleSpellings } from '../kernel/text/email-address';
import { ERASED, PersonalData, type Sealing } from '../kernel/personal-data/personal';
import { rejections } from '../kernel/rejection';
import {
  account,
  addGuestAlias,
  changePassword,
  disable,
  enable,
  existing,
  grantRole,
  recoverAdmin,
  register,
  revokeRole,
  revokeSessions,
  type Account,
} from './account';
import type { GrantedRole } from '../words/roles';
import type { AccountEvent } from './accounts.events';
import { email, personName } from './accounts.people';
import { Attempts } from './attempts';
import { Credentials, profileOf, type HashedPassword } from './credentials';
import { Passwords } from './passwords';

const rejected = rejections({
  'email-taken': [409, 'There is an account with this e-mail address; log in.'],
  'wrong-password': [403, 'The current password is not right.'],
});

@Injectable()
export class Accounts extends Aggregates<Account, AccountEvent> {
  constructor(path: WritePath) {
    super(path, account);
  }
}

/** No two accounts have one e-mail address, however it is spelled; nothing but a keyed hash of it is compared or stored. */
@Injectable()
export class Emails {
  private readonly scope: ClaimScope<Account>;

  constructor(
    accounts: Accounts,
    private readonly claims: Claims,
  ) {
    this.scope = {
      name: 'email',
      aggregate: account.name,
      owners: accounts,
      has: (state, _, claimId) => state.status !== 'none' && state.emailClaim === claimId,
      taken: () => rejected('email-taken'),
    };
  }

  claim(command: Command, address: string, accountId: string): Promise<void> {
    return this.claims.claim(command, accountId, [{ scope: this.scope, name: claimedSpelling(address) }]);
  }

  claimIdOf(address: string): string {
    return this.claims.claimIdOf(this.scope, claimedSpelling(address));
  }

  /** @throws Rejected `email-taken` */
  async assertFree(address: string, accountId: string): Promise<void> {
    const owner = await this.ownerOf(address);
    if (owner !== null && owner !== accountId) throw rejected('email-taken');
  }

  /** Id of the account, or null. */
  async ownerOf(address: string): Promise<string | null> {
    for (const spelling of possibleSpellings(address)) {
      const owner = await this.claims.ownerOf(this.scope, spelling);
      if (owner !== null) return owner;
    }
    return null;
  }
}

/** `accountId` and `roles` are stated for accounts that the shop itself makes. */
export class RegisterAccount extends Command<
  {
    email: string;
    password: string;
    name?: string;
    accountId?: string;
    roles?: readonly GrantedRole[];
  },
  Changed<Account>
> {
  get accountId(): string {
    return this.data.accountId ?? this.newId('account');
  }
}

@CommandHandler(RegisterAccount)
export class RegisterAccountHandler implements ICommandHandler<RegisterAccount> {
  constructor(
    private readonly accounts: Accounts,
    private readonly emails: Emails,
    private readonly credentials: Credentials,
    private readonly passwords: Passwords,
    private readonly personalData: PersonalData,
  ) {}

  execute(command: RegisterAccount): Promise<Changed<Account>> {
    const { accountId } = command;
    const { password, name, roles = [] } = command.data;
    const address = command.data.email.trim();
    const owner = profileOf(accountId);
    const registration = async (seal: Sealing, { credential }: HashedPassword) => ({
      accountId,
      email: await seal(email, owner, address),
      emailClaim: this.emails.claimIdOf(address),
      credential,
      ...(name === undefined ? {} : { name: await seal(personName, owner, name) }),
    });
    return this.accounts.change(command, accountId, {
      fetch: async () => {
        this.passwords.assertAcceptable(password, normaliseEmail(address));
        await this.emails.assertFree(address, accountId);
        const secret = await this.credentials.hash(accountId, password, 'registrations');
        return { secret, registration: await registration(this.personalData.draft, secret) };
      },
      acquire: async (facts) => {
        await this.emails.claim(command, address, accountId);
        const secret = await this.credentials.seal(accountId, facts.secret);
        return { secret, registration: await registration(this.personalData.seal, secret) };
      },
      decide: (account, { registration }) => register(account, registration, ...roles),
    });
  }
}

/** `network`: where it came from. */
export class ChangePassword extends Command<
  {
    accountId: string;
    current: string;
    next: string;
    network: string;
  },
  Changed<Account>
> {}

@CommandHandler(ChangePassword)
export class ChangePasswordHandler implements ICommandHandler<ChangePassword> {
  constructor(
    private readonly accounts: Accounts,
    private readonly credentials: Credentials,
    private readonly passwords: Passwords,
    private readonly attempts: Attempts,
    private readonly personalData: PersonalData,
  ) {}

  execute(command: ChangePassword): Promise<Changed<Account>> {
    const { accountId, current, next, network } = command.data;
    return this.accounts.change(command, accountId, {
      fetchFor: async (account) => {
        const { credential, emailClaim, email: sealedEmail } = existing(account);
        const matches = await this.attempts.judge(
          { purpose: 'password-change', account: emailClaim, network, standing: { kind: 'session' } },
          () => this.credentials.match(credential, current, 'known'),
          Boolean,
        );
        if (!matches) throw rejected('wrong-password');
        const own = await this.personalData.open(email, sealedEmail);
        this.passwords.assertAcceptable(next, own === ERASED ? '' : normaliseEmail(own));
        return this.credentials.hash(accountId, next, 'known');
      },
      acquire: (secret) => this.credentials.seal(accountId, secret),
      decide: changePassword,
    });
  }
}

export class RevokeSessions extends Command<{ accountId: string }, Changed<Account>> {}

export class GrantRole extends Command<{ accountId: string; role: GrantedRole }, Changed<Account>> {}

export class RevokeRole extends Command<{ accountId: string; role: string; by: string }, Changed<Account>> {}

export class DisableAccount extends Command<{ accountId: string; by: string }, Changed<Account>> {}

export class EnableAccount extends Command<{ accountId: string }, Changed<Account>> {}

/** `password`: the new one. */
export class RecoverAdmin extends Command<{ accountId: string; password: string }, Changed<Account>> {}

@CommandHandler(RecoverAdmin)
export class RecoverAdminHandler implements ICommandHandler<RecoverAdmin> {
  constructor(
    private readonly accounts: Accounts,
    private readonly credentials: Credentials,
  ) {}

  execute(command: RecoverAdmin): Promise<Changed<Account>> {
    const { accountId, password } = command.data;
    return this.accounts.change(command, accountId, {
      fetch: () => this.credentials.hash(accountId, password, 'known'),
      acquire: (secret) => this.credentials.seal(accountId, secret),
      decide: recoverAdmin,
    });
  }
}

export class AddGuestAlias extends Command<{ accountId: string; guestId: string }, Changed<Account>> {}

export const accountCommandHandlers = [
  RegisterAccountHandler,
  ChangePasswordHandler,
  decides(RevokeSessions, Accounts, 'accountId', revokeSessions),
  decides(GrantRole, Accounts, 'accountId', grantRole),
  decides(RevokeRole, Accounts, 'accountId', revokeRole),
  decides(DisableAccount, Accounts, 'accountId', disable),
  decides(EnableAccount, Accounts, 'accountId', enable),
  RecoverAdminHandler,
  decides(AddGuestAlias, Accounts, 'accountId', addGuestAlias),
];
