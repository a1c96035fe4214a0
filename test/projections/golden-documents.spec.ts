import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allProjections } from '#src/contexts';
import { nameOf } from '#src/kernel/read-models/projection';
import { project, type GivenEvent } from '../support/given-projection';
import { writeGolden, writesGolden } from '../support/golden-file';

/**
 * What each version of a projection makes of some events: `{ events, documents }`, one file per version. A projection whose
 * documents change is a new version with a file of its own; the file of a version is never changed.
 *
 * To make one: write `{ "events": [ … ] }`, let `GOLDEN=write npx jest golden-documents` add the documents, and read them.
 */
interface Golden {
  readonly events: readonly GivenEvent[];
  readonly documents?: Readonly<Record<string, object>>;
}

const folder = join(__dirname, 'golden');
const fileOf = (name: string): string => `${name}.json`;

describe.each(allProjections.map((projection) => [nameOf(projection), projection] as const))(
  '%s',
  (name, projection) => {
    const path = join(folder, fileOf(name));

    it('has its golden documents', () => expect(existsSync(path) ? path : `${path} is missing`).toBe(path));

    it('makes the same documents as ever', () => {
      const { events, documents } = JSON.parse(readFileSync(path, 'utf8')) as Golden;
      const made = Object.fromEntries(project(projection).given(...events).documents);
      if (!documents && writesGolden) writeGolden(path, { events, documents: made });
      else expect(JSON.parse(JSON.stringify(made))).toEqual(documents);
    });

    it('shows there what it makes of every type that it handles', () => {
      const { events } = JSON.parse(readFileSync(path, 'utf8')) as Golden;
      expect([...new Set(events.map(({ type }) => type))].sort()).toEqual(Object.keys(projection.on).sort());
    });
  },
);

it('every golden file is of a projection that is known', () => {
  const known = new Set(allProjections.map(({ name }) => name));
  for (const file of readdirSync(folder)) expect(known).toContain(/^(.*)@\d+\.json$/.exec(file)?.[1]);
});
