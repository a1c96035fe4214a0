import { createHash } from 'node:crypto';
import { canonicalJson } from '#src/kernel/http/canonical-json';
import type { ReadModelCollection } from '#src/kernel/read-models/read-model-store';

/**
 * SHA-256 over all documents that queries see, in the order of their ids, as canonical JSON (RFC 8785). Two collections with
 * the same documents have the same hash, on every adapter, whatever was deleted on the way.
 */
export async function canonicalHash(collection: Pick<ReadModelCollection, 'find'>): Promise<string> {
  const hash = createHash('sha256');
  const documents = await collection.find({});
  documents.sort((a, b) => (a._id < b._id ? -1 : 1));
  for (const document of documents) hash.update(canonicalJson(document)).update('\n');
  return hash.digest('hex');
}
