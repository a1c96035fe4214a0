import { StreamableFile } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { hasAlready } from '../../kernel/http/etag';
import { headerOf } from '../../kernel/http/header';
import { rangeOf } from './byte-range';
import type { OpenedFile } from './export-desk';
import { rejected } from '../problems';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  sqlite: 'application/vnd.sqlite3',
};

/**
 * The answer to who downloads a file: streamed, with its SHA-256 as ETag; a part of it for who asks for one (RFC 9110, 14), so that a
 * download that was cut short can go on. The file is closed then.
 * @throws Rejected `export-range-unsatisfiable`
 */
export async function download(
  request: FastifyRequest,
  reply: FastifyReply,
  { name, bytes, sha256, handle }: OpenedFile,
): Promise<StreamableFile> {
  const etag = `"${sha256}"`;
  reply.headers({ etag, 'accept-ranges': 'bytes' });
  const condition = headerOf(request, 'if-range');
  const isSame = condition === undefined || condition.trim() === etag;
  const range = isSame ? rangeOf(headerOf(request, 'range'), bytes) : null;
  const type = MEDIA_TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  const options = { type, disposition: `attachment; filename="${name}"` };
  if (hasAlready(request, etag)) {
    await handle.close();
    reply.code(304);
    return new StreamableFile(Readable.from([]), options);
  }
  if (range === 'unsatisfiable') {
    await handle.close();
    reply.header('content-range', `bytes */${bytes}`);
    throw rejected('export-range-unsatisfiable');
  }
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${bytes}`);
  const length = end - start + 1;
  if (request.method === 'HEAD' || length === 0) {
    await handle.close();
    return new StreamableFile(Readable.from([]), { ...options, length });
  }
  return new StreamableFile(handle.createReadStream({ start, end }), { ...options, length });
}
