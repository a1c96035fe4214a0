import { parseArgs } from 'node:util';
import type { EventStoreNodeOptions } from './start-node';

const OPTIONS = {
  port: { type: 'string', default: '2113' },
  data: { type: 'string' },
  'tls-certificate': { type: 'string' },
  'tls-key': { type: 'string' },
  credentials: { type: 'string' },
  'server-version': { type: 'string' },
  'without-batch-append': { type: 'boolean', default: false },
  'write-timeout': { type: 'string' },
  'clock-ahead': { type: 'string' },
} as const;

/**
 * What `npm run eventstore-node -- …` is given.
 * @throws Error with one sentence that says which argument is wrong
 */
export function nodeOptionsOf(args: readonly string[]): EventStoreNodeOptions {
  const values = valuesOf(args);
  const certificate = values['tls-certificate'];
  const key = values['tls-key'];
  if ((certificate === undefined) !== (key === undefined)) {
    throw new Error('--tls-certificate and --tls-key name two files that belong together; give both.');
  }
  return {
    port: portOf(values.port),
    folder: values.data,
    tls: certificate !== undefined && key !== undefined ? { certificate, key } : undefined,
    credentials: values.credentials === undefined ? undefined : credentialsOf(values.credentials),
    version: values['server-version'],
    batchAppend: !values['without-batch-append'],
    writeTimeout: millisecondsOf('write-timeout', values['write-timeout']),
    clockAhead: millisecondsOf('clock-ahead', values['clock-ahead']),
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    throw new Error(
      `${sentence}; there are ${Object.keys(OPTIONS)
        .map((name) => `--${name}`)
        .join(', ')}.`,
    );
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`--port=${text} is not a port; give 0 to 65535.`);
  return port;
}

function millisecondsOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(text)) throw new Error(`--${name}=${text} is not a number of milliseconds.`);
  return Number(text);
}

function credentialsOf(text: string): { username: string; password: string } {
  const colon = text.indexOf(':');
  if (colon < 1) throw new Error('--credentials takes <username>:<password>.');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
