import fc from 'fast-check';
import type { RegisteredAccount } from '#src/accounts/account';
import { DeviceTokens } from '#src/accounts/device-tokens';
import { Secrets } from '#src/kernel/secrets';
import { TestTime } from '../support/test-time';

const secrets = Secrets.from('a secret of tests that is long enough to be one');
const DAY = 24 * 60 * 60_000;

const accountWith = (accountId: string, ct: string) =>
  ({
    accountId,
    credential: { v: 1, subject: accountId, purpose: 'profile', kind: 'PasswordHash', iv: 'iv', ct },
  }) as unknown as RegisteredAccount;

let time: TestTime;
let devices: DeviceTokens;
beforeEach(() => {
  time = new TestTime();
  devices = new DeviceTokens(secrets, time);
});

describe('a device token', () => {
  const ann = accountWith('ann', 'sealed once');

  it('speaks for its account, on the device that it was given to', () => {
    const device = devices.read(devices.issue(ann))!;
    expect(devices.speaksFor(device, ann)).toBe(true);
    expect(devices.speaksFor(device, accountWith('bob', 'sealed once'))).toBe(false);
  });

  it('stays that of its device at the next log-in, and is another device’s for another account', () => {
    const first = devices.read(devices.issue(ann))!;
    expect(devices.read(devices.issue(ann, first))!.deviceId).toBe(first.deviceId);
    expect(devices.read(devices.issue(accountWith('bob', 'x'), first))!.deviceId).not.toBe(first.deviceId);
  });

  it('says nothing any more after another password', () => {
    const device = devices.read(devices.issue(ann))!;
    expect(devices.speaksFor(device, accountWith('ann', 'sealed anew'))).toBe(false);
  });

  it('is void after 400 days', async () => {
    const token = devices.issue(ann);
    await time.pass(400 * DAY - 1);
    expect(devices.read(token)).not.toBeNull();
    await time.pass(1);
    expect(devices.read(token)).toBeNull();
  });

  it('is none that somebody has made up or changed, or of another shop', () => {
    const token = devices.issue(ann);
    const bytes = Buffer.from(token, 'base64url');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ by, at);
        return devices.read(changed.toString('base64url')) === null;
      }),
    );
    fc.assert(fc.property(fc.string({ maxLength: 600 }), (text) => devices.read(text) === null));
    const others = new DeviceTokens(Secrets.from('another secret that is long enough to be one'), time);
    expect(others.read(token)).toBeNull();
    expect(devices.read(undefined)).toBeNull();
  });
});
