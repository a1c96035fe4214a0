import { Injectable } from '@nestjs/common';
import { timingSafeEqual } from 'node:crypto';
import { Clock } from '../kernel/clock';
import { newId } from '../kernel/ids';
import { Secrets } from '../kernel/secrets';
import type { RegisteredAccount } from './account';

/** The header that a device sends its token in. */
export const DEVICE_TOKEN = 'device-token';

const LIFETIME_MS = 400 * 24 * 60 * 60_000;
/** Ours have some 230 characters. */
const MAX_LENGTH = 512;
const VERSION = 1;

/** A device that has logged in. */
export interface Device {
  readonly deviceId: string;
  readonly accountId: string;
  /** A keyed hash of the credential that it logged in with. */
  readonly credential: string;
}

/**
 * Tokens by which a device that has logged in is known when it does so again. They let nobody in: they only say that whoever has one
 * is no stranger, so that others' guesses at the password are not counted against it. Nothing of them is stored; a token is signed,
 * is its account's alone, and is void after another password or 400 days.
 */
@Injectable()
export class DeviceTokens {
  constructor(
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** A new token for the account; `known`: the device that it is for, if it had one. */
  issue(account: RegisteredAccount, known: Device | null = null): string {
    const deviceId = known && this.speaksFor(known, account) ? known.deviceId : newId();
    const until = this.clock.now().getTime() + LIFETIME_MS;
    const content = [VERSION, deviceId, account.accountId, this.credentialOf(account), until].join('|');
    return Buffer.from(`${content}|${this.secrets.hmac('device-token', content)}`).toString('base64url');
  }

  /** The device that the token was given to; null: this shop gave no such token, or it is too old. */
  read(token: string | undefined): Device | null {
    if (token === undefined || token.length > MAX_LENGTH) return null;
    const text = Buffer.from(token, 'base64url').toString('utf8');
    const end = text.lastIndexOf('|');
    const content = text.slice(0, Math.max(end, 0));
    if (!isSame(text.slice(end + 1), this.secrets.hmac('device-token', content))) return null;
    const [version, deviceId = '', accountId = '', credential = '', until] = content.split('|');
    if (version !== String(VERSION) || Number(until) <= this.clock.now().getTime()) return null;
    return { deviceId, accountId, credential };
  }

  /** Whether the device has logged in to this account with the password that it has now. */
  speaksFor({ accountId, credential }: Device, account: RegisteredAccount): boolean {
    return accountId === account.accountId && credential === this.credentialOf(account);
  }

  /** Every password that is set is sealed anew, so this changes with each. */
  private credentialOf({ credential }: RegisteredAccount): string {
    return this.secrets.hmac('device-credential', JSON.stringify(credential));
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
