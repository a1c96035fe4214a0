import { streamOf } from '../../kernel/aggregate';
import { orderWithNumber } from '../order-numbers';
import type { HistorySource } from '../source';
import { NoSuchStream } from '../stream-history';
import { type NamedStream, namedStream, STREAM_NAMES } from '../stream-names';
import type { Io } from './io';
import { Misuse } from './option-values';

/** The stream that the words of a command line name. @throws Misuse when they name none */
export function streamIn(words: readonly string[]): NamedStream {
  if (words.length === 0) throw new Misuse(`Name a stream: ${STREAM_NAMES}.`);
  const named = namedStream(words.join(' '));
  if (!named) throw new Misuse(`${words.join(' ')} is no name of a stream; there are ${STREAM_NAMES}.`);
  return named;
}

/** Its name in the log. @throws NoSuchStream when no order has the number */
export async function nameOfStream(named: NamedStream, source: HistorySource, io: Io): Promise<string> {
  if (named.kind === 'stream') return named.stream;
  const orderId = await orderWithNumber(source, named.number, () => io.progress('Looking for the order', null));
  if (orderId === null) throw new NoSuchStream(`There is no order ${named.number}.`);
  return streamOf('order', orderId);
}
