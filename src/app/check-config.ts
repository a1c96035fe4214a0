import { Passwords } from '../accounts/passwords';
import { ConfigError, type Config } from '../config';
import { normaliseEmail } from '../kernel/normalise';
import { messageOf } from '../kernel/message-of';
import { Rejected } from '../kernel/rejection';

/**
 * What of a configuration can be checked only with what it is for: MongoDB's driver, and the rule for passwords. Reaches no server.
 * @throws ConfigError with a sentence for each value that is wrong
 */
export async function checkConfig({ mongodbUrl, mongodbKeysUrl, firstAdmin }: Config): Promise<void> {
  const [first, ...others] = [
    ...(await wrongMongoUrl('MONGODB_URL', mongodbUrl)),
    ...(await wrongMongoUrl('MONGODB_KEYS_URL', mongodbKeysUrl)),
    ...wrongPassword(firstAdmin),
  ];
  if (first !== undefined) throw new ConfigError(first, ...others);
}

async function wrongMongoUrl(name: string, url: string | null): Promise<string[]> {
  if (url === null) return [];
  const { BadMongoUrl, clientOf } = await import('#src/kernel/mongo/client');
  try {
    await clientOf(url, name).close();
    return [];
  } catch (error) {
    if (error instanceof BadMongoUrl) return [`${name} can't be used: ${error.why}.`];
    throw error;
  }
}

function wrongPassword({ email, password }: Config['firstAdmin']): string[] {
  if (password === null) return [];
  try {
    new Passwords().assertAcceptable(password, normaliseEmail(email));
    return [];
  } catch (error) {
    if (error instanceof Rejected) return [`ADMIN_PASSWORD is refused: ${messageOf(error)}`];
    throw error;
  }
}
