/**
 * A process that tries a candidate module on history, started by sandbox.ts with few rights and no environment. It reads one JSON
 * message per line (see messages.ts), and answers on file descriptor 3: whatever the candidate prints is not taken for an answer.
 */
import { Console } from 'node:console';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { allEvents } from '../../contexts';
import { EventRegistry } from '../../kernel/event-definitions';
import { messageOf } from '../../kernel/message-of';
import { loadCandidate } from './candidate';
import { NoCandidate, type Finding, type FromSandbox, type LogMessage, type OpenMessage } from './messages';
import { wantedBy, WhatIfWalk } from './what-if-walk';

const ANSWERS = 3;
/** So many findings are in one message. */
const AT_ONCE = 200;

function say(message: FromSandbox): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length;) written += writeSync(ANSWERS, bytes, written);
}

/** Findings wait here until there is a message to send. */
class Findings {
  private waiting: Finding[] = [];

  add(finding: Finding): void {
    this.waiting.push(finding);
    if (this.waiting.length === AT_ONCE) this.send('more');
  }

  /** `page`: all that a page came to was told. */
  send(after: 'more' | 'page'): void {
    say(after === 'page' ? { found: this.waiting, isPage: true } : { found: this.waiting });
    this.waiting = [];
  }
}

async function main(): Promise<void> {
  // What the candidate writes as an error is a remark like any other; stderr is for how this process ends.
  globalThis.console = new Console({ stdout: process.stdout, stderr: process.stdout });
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return;
  const options = JSON.parse(first.value) as OpenMessage;
  const registry = new EventRegistry(allEvents);
  const candidate = await loadCandidate(options.file, registry);
  const findings = new Findings();
  const walk = new WhatIfWalk(candidate, registry, options, (finding) => findings.add(finding));
  say({ wants: wantedBy(candidate) });
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const message = JSON.parse(line.value) as LogMessage;
    if ('end' in message) {
      const counts = walk.end();
      findings.send('more');
      return say({ counts });
    }
    for (const event of message.events) walk.add(event);
    findings.send('page');
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(error instanceof NoCandidate ? { noCandidate: error.message } : { failed: messageOf(error) });
    process.exit(1);
  },
);
