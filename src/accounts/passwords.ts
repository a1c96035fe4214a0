import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { rejections } from '../kernel/rejection';
import { commonPasswords } from './common-passwords';
import { HashingQueue, QueueFull, type Lane } from './hashing-queue';

export const MIN_PASSWORD = 8;
export const MAX_PASSWORD = 256;

/** Hashes at once: each keeps a thread of libuv's pool busy for ten milliseconds, and files need those threads too. */
const AT_ONCE = 2;
/** Of each lane: at about 200 hashes a second, the last one waits for half a second, and for three halves when every lane is full. */
const MAX_WAITING = 100;

/** As it is hashed. */
export const normalised = (password: string): string => password.normalize('NFKC');

const rejected = rejections({
  'password-too-common': [422, 'This password is among the first that are tried; choose another.'],
  'passwords-busy': [503, 'Too many passwords are being checked; try again.'],
});

/** So few different characters make a password that whoever repeats one tries early. */
const FEWEST_CHARACTERS = 3;

/** Blanks and what can't be typed count for nothing; the shop's own name is the first that comes to mind. */
function isPlain(lower: string): boolean {
  const seen = new Set(lower.replaceAll(/[\s\p{C}]/gu, ''));
  return seen.size < FEWEST_CHARACTERS || /^chronocart\d*$/.test(lower);
}

/**
 * Passwords as Argon2id hashes (RFC 9106; 19 MiB, 2 passes, 1 lane, as the OWASP Password Storage Cheat Sheet asks for; all of it
 * stands in the hash). Every character counts and nothing is cut off. What is hashed is the NFKC (UAX 15), so that a password is the
 * same on every keyboard (NIST SP 800-63B); the first release hashed what was typed, and those hashes are looked at too.
 */
@Injectable()
export class Passwords {
  private readonly queue = new HashingQueue(AT_ONCE, MAX_WAITING);
  private stranger: Promise<string> | null = null;

  /** @throws Rejected `password-too-common` */
  assertAcceptable(password: string, normalisedEmail: string): void {
    const lower = normalised(password).toLowerCase();
    const isCommon = commonPasswords.has(lower) || isPlain(lower) || lower === normalisedEmail;
    if (isCommon) throw rejected('password-too-common');
  }

  /** @throws Rejected `passwords-busy` */
  hash(password: string, lane: Lane): Promise<string> {
    return this.inTurn(lane, () => hash(normalised(password)));
  }

  /**
   * Whether it is the password that `hashed` was made from. null (there is no such account) takes as long and is never right,
   * so that nobody can tell from the time whether an account exists.
   * @throws Rejected `passwords-busy`
   */
  async verify(hashed: string | null, password: string, lane: Lane): Promise<boolean> {
    this.stranger ??= hash(randomBytes(32)).catch((error: unknown) => {
      this.stranger = null;
      throw error;
    });
    const stranger = await this.stranger;
    // Whichever account it is for, a password that is typed in another form than it is hashed in takes two.
    for (const form of new Set([normalised(password), password])) {
      const same = await this.inTurn(lane, () => verify(hashed ?? stranger, form));
      if (same && hashed !== null) return true;
    }
    return false;
  }

  private async inTurn<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    try {
      return await this.queue.run(lane, work);
    } catch (error) {
      throw error instanceof QueueFull ? rejected('passwords-busy', { retryAfterSeconds: 1 }) : error;
    }
  }
}
