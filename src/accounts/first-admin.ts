import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { randomBytes } from 'node:crypto';
import { Clock } from '../kernel/clock';
import type { CommandContext } from '../kernel/commands';
import { deriveId } from '../kernel/ids';
import { Secrets } from '../kernel/secrets';
import { originOf, StoreIdentity } from '../kernel/store-identity';
import { systemContext } from '../kernel/system-context';
import { ERASED, PersonalData } from '../kernel/personal-data/personal';
import { existing } from './account';
import { email as emailKind } from './accounts.people';
import { Accounts, RecoverAdmin, RegisterAccount } from './accounts.commands';

/** What is printed once, and stored nowhere in the clear. */
export interface AdminCredentials {
  readonly email: string;
  readonly password: string;
}

/** Whose account is made; `password`: null where one is to be drawn. */
export interface WantedAdmin {
  readonly email: string;
  readonly password: string | null;
}

const DEFAULT: WantedAdmin = { email: 'admin@chronocart.local', password: null };

/**
 * The account that can make other admins. There is one per store: its id is derived from the store's, so of several starts at
 * once only one makes it, and the others find it made.
 */
@Injectable()
export class FirstAdmin {
  private readonly accountId: string;

  constructor(
    private readonly commands: CommandBus,
    private readonly accounts: Accounts,
    readonly secrets: Secrets,
    readonly clock: Clock,
    private readonly personalData: PersonalData,
    identity: StoreIdentity,
  ) {
    this.accountId = deriveId(originOf(identity), 'first-admin');
  }

  /**
   * Makes the account where there is none; its credentials where the password was drawn, else null: nobody needs to be told what
   * was given, or was told before. `patiently` may call again what failed: it is the same command, so that a try without an answer is
   * not lost with its password.
   */
  async ensure(
    { email, password }: WantedAdmin = DEFAULT,
    patiently: <T>(call: () => Promise<T>) => Promise<T> = (call) => call(),
  ): Promise<AdminCredentials | null> {
    const { accountId } = this;
    if ((await patiently(() => this.accounts.get(accountId))).state.status !== 'none') return null;
    const made = { email, password: password ?? newPassword() };
    const command = new RegisterAccount(this.context('ensure'), { ...made, accountId, roles: ['admin'] });
    const { outcome } = await patiently(() => this.commands.execute(command));
    return outcome === 'unchanged' || password !== null ? null : made;
  }

  /**
   * Gives the account a new password, and what it may have lost of its rights: for who did not see the first one printed, or
   * has lost it. Whoever can start the shop with its secret may do this. The new credentials, unless a password was given.
   * @throws Rejected `account-not-found` before the first start
   */
  async reset({ email, password }: WantedAdmin = DEFAULT): Promise<AdminCredentials | null> {
    const { accountId } = this;
    const next = password ?? newPassword();
    await this.commands.execute(new RecoverAdmin(this.context('reset'), { accountId, password: next }));
    return password === null ? { email: (await this.email()) ?? email, password: next } : null;
  }

  /** Null: it was erased. */
  private async email(): Promise<string | null> {
    const own = await this.personalData.open(
      emailKind,
      existing((await this.accounts.get(this.accountId)).state).email,
    );
    return own === ERASED ? null : own;
  }

  /** A new command each time: two starts that want the same must not be taken for one, because their passwords differ. */
  private context(what: string): CommandContext {
    return systemContext(this, { issuer: 'first-admin', asksFor: what });
  }
}

/** 144 bits, as 24 characters. */
const newPassword = (): string => randomBytes(18).toString('base64url');
