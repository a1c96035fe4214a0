import type { RecordedEvent } from '../../kernel/events';
import { linesOf } from './file-summary';
import { eventOfLine, NotALogLine } from './log-line';
import { NotAnExport } from './manifest';

export interface LogLine {
  /** Place in the file, from 1. */
  readonly number: number;
  readonly line: string;
  readonly event: RecordedEvent;
}

/** The events of a file of an NDJSON export, several at a time. @throws NotAnExport for a line that no export writes */
export async function* eventsOfFile(path: string): AsyncGenerator<LogLine[], void> {
  let number = 0;
  for await (const lines of linesOf(path)) {
    const first = number + 1;
    number += lines.length;
    yield lines.map((bytes, n) => logLine(path, first + n, bytes.toString('utf8')));
  }
}

function logLine(path: string, number: number, line: string): LogLine {
  try {
    return { number, line, event: eventOfLine(line) };
  } catch (error) {
    if (!(error instanceof NotALogLine)) throw error;
    throw new NotAnExport(`${path}, line ${number}: ${error.message}`);
  }
}
