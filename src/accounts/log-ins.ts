import { Injectable } from '@nestjs/common';
import type { Loaded } from '../kernel/aggregates';
import { rejections } from '../kernel/rejection';
import { type RegisteredAccount } from './account';
import { Accounts, Credentials, Emails } from './accounts.commands';
import { Attempts } from './attempts';

const rejected = rejections({
  'wrong-credentials': [401, 'E-mail address and password do not belong together.'],
  'account-disabled': [403, 'This account is disabled.'],
});

/** Who someone is, by e-mail address and password. */
@Injectable()
export class LogIns {
  constructor(
    private readonly accounts: Accounts,
    private readonly emails: Emails,
    private readonly credentials: Credentials,
    private readonly attempts: Attempts,
  ) {}

  /**
   * The account, when the password is its. Whether there is an account is told neither by the answer nor by the time it takes;
   * that it is disabled is told only to who knows the password. `address`: network address of the client.
   * @throws Rejected `wrong-credentials`, `account-disabled`, `too-many-attempts` or `passwords-busy`
   */
  async authenticate(email: string, password: string, address: string): Promise<Loaded<RegisteredAccount>> {
    const succeeded = this.attempts.begin(this.emails.claimIdOf(email), address);
    const accountId = await this.emails.ownerOf(email);
    const loaded = accountId === null ? null : await this.accounts.get(accountId);
    const account = loaded?.state.status === 'none' ? undefined : loaded?.state;
    const matches = await this.credentials.match(account?.credential ?? null, password);
    if (!matches || !loaded || !account) throw rejected('wrong-credentials');
    succeeded();
    if (account.status === 'disabled') throw rejected('account-disabled');
    return { ...loaded, state: account };
  }
}
