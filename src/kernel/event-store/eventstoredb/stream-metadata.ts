import { newId } from '../../ids';
import type { JsonObject } from '../../json';
import { type ExpectedRevision, type StreamMetadata, WrongExpectedRevision } from '../event-store';
import type { WantedAppend } from './append-requests';
import type { LogReader } from './log-reader';

const MOST_TRIES = 5;

/**
 * Sets how much a stream keeps. What else its metadata says (access rights, where it was truncated) is an operator's, and stays.
 * @throws StoreUnavailable | OutcomeUnknown
 * @throws WrongExpectedRevision when others change it all the time
 */
export async function setRetention(
  stream: string,
  { maxCount, maxAge }: StreamMetadata,
  reader: LogReader,
  append: (append: WantedAppend) => Promise<unknown>,
): Promise<void> {
  const metastream = `$$${stream}`;
  for (let tries = 1; ; tries++) {
    const [last] = await reader.readStream(metastream, { direction: 'backwards', limit: 1 });
    const { $maxCount: _, $maxAge: __, ...others } = last?.data ?? {};
    const data: JsonObject = {
      ...others,
      ...(maxCount === undefined ? {} : { $maxCount: maxCount }),
      ...(maxAge === undefined ? {} : { $maxAge: maxAge }),
    };
    const expected: ExpectedRevision = last?.revision ?? 'no_stream';
    const event = { id: newId(), type: '$metadata', data: JSON.stringify(data), metadata: '' };
    try {
      await append({ stream: metastream, expected, events: [event] });
      return;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision) || tries === MOST_TRIES) throw error;
    }
  }
}
