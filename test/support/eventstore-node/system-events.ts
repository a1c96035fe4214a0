import { newId } from '#src/kernel/ids';
import type { NodeLog } from './node-log';

const STATISTICS = '$stats-127.0.0.1:2113';

const store = (log: NodeLog, stream: string, type: string, data: object) =>
  log.append({
    stream,
    expected: 'any',
    events: [{ id: newId(), type, data: JSON.stringify(data), metadata: '' }],
  });

/** What a server has written before anybody appends: its events come first in `$all`. */
export async function storeFirstEvents(log: NodeLog): Promise<void> {
  if (log.head > 0) return;
  await store(log, `$$${STATISTICS}`, '$metadata', { $maxAge: 86_400 });
  await store(log, '$$$user-admin', '$metadata', { $acl: { $r: '$admins' } });
  await store(log, '$user-admin', '$UserCreated', { loginName: 'admin', fullName: 'Administrator' });
}

/** What a server writes about itself from time to time. */
export async function storeStatistics(log: NodeLog): Promise<void> {
  await store(log, STATISTICS, '$statsCollected', { 'proc-id': process.pid, 'proc-mem': process.memoryUsage().rss });
}
