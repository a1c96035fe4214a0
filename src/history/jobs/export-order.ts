import type { EventStore } from '../../kernel/event-store/event-store';
import { problem } from '../../kernel/http/problem';
import { InvalidInstant, parseInstant, textOfInstant } from '../../kernel/instant';
import { allFormats } from '../export/formats/all-formats';
import { unknownIn } from '../export/known-selection';
import { stretchOf } from '../export/stretch';
import { placeOf, REQUEST_MS } from '../instant';
import type { ExportJob } from './export-job';
import type { AskExportDto } from './exports.dto';

/** What of a job is asked for. */
export type ExportOrder = Pick<ExportJob, 'format' | 'selection' | 'perDay'>;

/** What a request asks for, if there is such a thing. @throws Rejected `validation-failed` | StoreUnavailable */
export async function orderOf(store: EventStore, asked: AskExportDto): Promise<ExportOrder> {
  const { format, types = [], streams = [], from = null, to = null, perDay = false } = asked;
  if (perDay && !allFormats.find(({ name }) => name === format)?.mayBePerDay)
    throw invalid('/perDay', `An export as ${format} is one file.`);
  const selection = {
    types: sorted(types),
    streams: sorted(streams),
    from: await momentIn(store, '/from', from),
    to: await momentIn(store, '/to', to),
  };
  const unknown = unknownIn(selection);
  if (unknown) {
    const asked = unknown.member === 'types' ? types : streams;
    throw invalid(`/${unknown.member}/${asked.indexOf(unknown.name)}`, unknown.detail);
  }
  await told('/from', () => stretchOf(store, selection, { mostMs: REQUEST_MS }));
  return { format, selection, perDay };
}

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();

const invalid = (pointer: string, detail: string) => problem('validation-failed', { errors: [{ pointer, detail }] });

async function momentIn(store: EventStore, pointer: string, text: string | null): Promise<string | null> {
  if (text === null) return null;
  return told(pointer, async () => {
    const instant = parseInstant(text);
    // A revision is a place in one stream only: that is told there.
    await placeOf(store, instant, { mostMs: REQUEST_MS });
    return textOfInstant(instant);
  });
}

/** What is wrong with a moment is said of the member that it was given in. */
async function told<T>(pointer: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof InvalidInstant ? invalid(pointer, error.unquoted) : error;
  }
}
