import { Injectable } from '@nestjs/common';
import type { Loaded } from '../kernel/aggregates';
import { rejections } from '../kernel/rejection';
import { type RegisteredAccount } from './account';
import { Accounts, Emails } from './accounts.commands';
import { Credentials } from './credentials';
import { Attempts } from './attempts';
import { DeviceTokens, type Device } from './device-tokens';
import { FamiliarNetworks } from './familiar-networks';
import type { Standing } from './guesses';

const rejected = rejections({
  'wrong-credentials': [401, 'E-mail address and password do not belong together.'],
  'account-disabled': [403, 'This account is disabled.'],
});

/** Where a client comes from, and the device that its token speaks for, if it sent one. */
export interface Visitor {
  readonly network: string;
  readonly device: Device | null;
}

/** Who someone is, by e-mail address and password. */
@Injectable()
export class LogIns {
  constructor(
    private readonly accounts: Accounts,
    private readonly emails: Emails,
    private readonly credentials: Credentials,
    private readonly attempts: Attempts,
    private readonly devices: DeviceTokens,
    private readonly networks: FamiliarNetworks,
  ) {}

  /**
   * The account, when the password is its. Whether there is an account is told neither by the answer nor by the time it takes, nor by
   * when the next attempt is looked at; that it is disabled is told only to who knows the password.
   * @throws Rejected `wrong-credentials`, `account-disabled`, `too-many-attempts` or `passwords-busy`
   */
  async authenticate(email: string, password: string, visitor: Visitor): Promise<Loaded<RegisteredAccount>> {
    const claim = this.emails.claimIdOf(email);
    const standing = await this.standingOf(email, claim, visitor);
    const lane = standing.kind === 'stranger' ? 'log-ins' : 'known';
    const loaded = await this.attempts.judge(
      { purpose: 'log-in', account: claim, network: visitor.network, standing },
      () => this.lookAt(email, password, lane),
      (found) => found !== null,
    );
    if (!loaded) throw rejected('wrong-credentials');
    if (loaded.state.status === 'disabled') throw rejected('account-disabled');
    await this.networks.remember(claim, visitor.network);
    return loaded;
  }

  /** The account whose password it is; null: none. It takes as long where there is no such account. */
  private async lookAt(
    email: string,
    password: string,
    lane: 'log-ins' | 'known',
  ): Promise<Loaded<RegisteredAccount> | null> {
    const loaded = await this.accountOf(email);
    return (await this.credentials.match(loaded?.state.credential ?? null, password, lane)) ? loaded : null;
  }

  /** Nothing is read of the account for a stranger, so that refusing one takes as long whether or not there is an account. */
  private async standingOf(email: string, claim: string, { network, device }: Visitor): Promise<Standing> {
    if (device) {
      const loaded = await this.accountOf(email);
      if (loaded && this.devices.speaksFor(device, loaded.state)) return { kind: 'device', deviceId: device.deviceId };
    }
    return { kind: (await this.networks.knows(claim, network)) ? 'familiar' : 'stranger' };
  }

  private async accountOf(email: string): Promise<Loaded<RegisteredAccount> | null> {
    const accountId = await this.emails.ownerOf(email);
    if (accountId === null) return null;
    const loaded = await this.accounts.get(accountId);
    return loaded.state.status === 'none' ? null : { ...loaded, state: loaded.state };
  }
}
