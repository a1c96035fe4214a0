import { Injectable } from '@nestjs/common';
import { ERASED, PersonalData, type PersonalKind, type Sealed } from '../kernel/personal-data/personal';
import type { Static, TSchema } from 'typebox';
import { existing, rolesOf, type Account } from './account';
import type { AccountDto } from './accounts.dto';
import { email, personName } from './accounts.people';

/** Accounts as their owners and admins see them: the only place where their envelopes are opened. */
@Injectable()
export class AccountViews {
  constructor(private readonly personalData: PersonalData) {}

  /** @throws Rejected `account-not-found` */
  async of(account: Account): Promise<AccountDto> {
    const known = existing(account);
    const [address, name] = await Promise.all([this.open(email, known.email), this.open(personName, known.name)]);
    const { accountId, status } = known;
    return { accountId, status, email: address, name, roles: rolesOf(known) };
  }

  private async open<K extends string, S extends TSchema>(
    kind: PersonalKind<K, S>,
    sealed: Sealed<K> | null,
  ): Promise<Static<S> | null> {
    const plain = sealed && (await this.personalData.open(kind, sealed));
    return plain === ERASED ? null : plain;
  }
}
