import { Injectable } from '@nestjs/common';
import { ERASED, PersonalData, type Sealed } from '../kernel/personal-data/personal';
import { passwordHash } from './accounts.people';
import type { Lane } from './hashing-queue';
import { Passwords } from './passwords';

/** Everything that an account says of its owner is sealed, and erased, together. */
export const profileOf = (accountId: string) => ({ subject: accountId, purpose: 'profile' });

/** A hash, and its envelope. */
export interface HashedPassword {
  readonly hashed: string;
  readonly credential: Sealed<'PasswordHash'>;
}

/** Passwords as accounts keep them: hashed, and the hash sealed for the person. */
@Injectable()
export class Credentials {
  constructor(
    private readonly passwords: Passwords,
    private readonly personalData: PersonalData,
  ) {}

  /** What sets a password: it is hashed before anything is decided, and sealed afterwards. */
  async hash(accountId: string, password: string, lane: Lane): Promise<HashedPassword> {
    const hashed = await this.passwords.hash(password, lane);
    return { hashed, credential: await this.personalData.draft(passwordHash, profileOf(accountId), hashed) };
  }

  async seal(accountId: string, { hashed }: HashedPassword): Promise<HashedPassword> {
    return { hashed, credential: await this.personalData.seal(passwordHash, profileOf(accountId), hashed) };
  }

  /** False, after as long a time, where there is no account (null) or the person was erased. */
  async match(credential: Sealed<'PasswordHash'> | null, password: string, lane: Lane): Promise<boolean> {
    const hashed = credential && (await this.personalData.open(passwordHash, credential));
    return this.passwords.verify(hashed === ERASED ? null : hashed, password, lane);
  }
}
