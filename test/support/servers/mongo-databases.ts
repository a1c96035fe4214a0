import { MongoClient } from 'mongodb';
import { newId } from '#src/kernel/ids';

/** The connection string of a database of its own on this server. */
export function newDatabase(server: string): string {
  const { origin, rest } = /^(?<origin>mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*(?<rest>.*)$/.exec(server)!.groups!;
  return `${origin}/test-${newId()}${rest}`;
}

/** Removes the database that the connection string names, and the one of its keys. */
export async function dropDatabase(url: string): Promise<void> {
  const client = new MongoClient(url);
  try {
    const { databaseName } = client.db();
    for (const name of [databaseName, `${databaseName}-keys`]) await client.db(name).dropDatabase();
  } finally {
    await client.close();
  }
}
