import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A question of docs/history.md. */
export interface DocumentedQuestion {
  /** Its heading, without its number. */
  readonly name: string;
  /** What the shell runs. */
  readonly command: string;
  /** What it is said to answer. */
  readonly output: string;
}

export interface DocumentedQuestions {
  /** What the shell runs before the questions: it finds what they are about. */
  readonly preparation: string;
  readonly questions: readonly DocumentedQuestion[];
}

/** The first block of a section in this language (several may be named: `text|mermaid`). */
function blockOf(section: string, language: string): string {
  const [, text] = new RegExp(`^\`\`\`(?:${language})\\n([^]*?)^\`\`\``, 'm').exec(section) ?? [];
  if (text === undefined) throw new Error(`A section has no block of ${language}: ${section.slice(0, 60)}`);
  return text;
}

/** The ten questions that the documentation answers, as they stand there. */
export function documentedQuestions(root: string): DocumentedQuestions {
  const page = readFileSync(join(root, 'docs', 'history.md'), 'utf8');
  const part = page.split(/^## /m).find((text) => text.startsWith('Ten questions')) ?? '';
  const [introduction = '', ...sections] = part.split(/^### \d+\. /m);
  return {
    preparation: blockOf(introduction.slice(introduction.indexOf('questions below')), 'sh'),
    questions: sections.map((section) => ({
      name: section.slice(0, section.indexOf('\n')),
      command: blockOf(section, 'sh'),
      output: blockOf(section, 'text|mermaid'),
    })),
  };
}

/** A shell in which `chronocart` is the compiled command line, on the history in a data folder. */
export class AnalystShell {
  private constructor(
    /** Where it is. */
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** `folder`: an empty one. `cli`: path of the compiled command line. `preparation`: its variables are known from then on. */
  static async open(options: {
    readonly folder: string;
    readonly cli: string;
    readonly dataDir: string;
    readonly preparation: string;
  }): Promise<AnalystShell> {
    const { folder, cli, dataDir, preparation } = options;
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    const program = join(programs, 'chronocart');
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`);
    chmodSync(program, 0o700);
    const path = `${programs}:${process.env['PATH']}`;
    const env = { ...process.env, PATH: path, DATA_DIR: dataDir, EVENTSTORE_URL: '' };
    const tell = `"${process.execPath}" -p 'JSON.stringify(process.env)'`;
    const told = await new AnalystShell(folder, env).run(`set -ea\n${preparation}\n${tell}`);
    return new AnalystShell(folder, JSON.parse(told) as NodeJS.ProcessEnv);
  }

  /** What it writes to its standard output. @throws Error when its exit status is not 0 */
  async run(command: string): Promise<string> {
    const { folder: cwd, env } = this;
    return (await promisify(execFile)('sh', ['-c', command], { cwd, env, maxBuffer: MOST_OUTPUT })).stdout;
  }
}

/** In bytes. */
const MOST_OUTPUT = 64 * 1024 * 1024;
