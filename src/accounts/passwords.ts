import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { rejections } from '../kernel/rejection';
import { commonPasswords } from './common-passwords';

export const MIN_PASSWORD = 8;
export const MAX_PASSWORD = 256;

/** Hashes at once: each keeps a thread of libuv's pool busy for ten milliseconds, and files need those threads too. */
const AT_ONCE = 2;
/** At about 200 hashes a second, the last one in the queue waits for a second. */
const MAX_WAITING = 200;

const rejected = rejections({
  'password-too-common': [422, 'This password is among the first that are tried; choose another.'],
  'passwords-busy': [503, 'Too many passwords are being checked; try again.'],
});

/**
 * Passwords as Argon2id hashes (RFC 9106; 19 MiB, 2 passes, 1 lane, as the OWASP Password Storage Cheat Sheet asks for; all of it
 * stands in the hash). Every character counts: nothing is cut off or changed before it is hashed.
 */
@Injectable()
export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private stranger: Promise<string> | null = null;

  /** @throws Rejected `password-too-common` */
  assertAcceptable(password: string, normalisedEmail: string): void {
    const lower = password.toLowerCase();
    if (commonPasswords.has(lower) || lower === normalisedEmail) throw rejected('password-too-common');
  }

  /** @throws Rejected `passwords-busy` */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password));
  }

  /**
   * Whether it is the password that `hashed` was made from. null (there is no such account) takes as long and is never right,
   * so that nobody can tell from the time whether an account exists.
   * @throws Rejected `passwords-busy`
   */
  async verify(hashed: string | null, password: string): Promise<boolean> {
    this.stranger ??= hash(randomBytes(32)).catch((error: unknown) => {
      this.stranger = null;
      throw error;
    });
    const stranger = await this.stranger;
    const same = await this.inTurn(() => verify(hashed ?? stranger, password));
    return same && hashed !== null;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < AT_ONCE) this.running++;
    else await this.turn();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  /** Who is next takes over the place of who has finished. */
  private turn(): Promise<void> {
    if (this.waiting.length >= MAX_WAITING) throw rejected('passwords-busy', { retryAfterSeconds: 1 });
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
