import { open, rename, type FileHandle } from 'node:fs/promises';
import type { Staged } from '../export/formats/format';
import { OBJECT_TYPES, objectTypes } from '../../words/ocel/object-types';
import type { Scratch } from './scratch';
import { eventTypes } from './told-event';
import { FROM_EVER, toldTables } from './told-tables';

/** Values are texts, as the JSON schema of OCEL 2.0 has them; the types declare what they are. */
const EVENTS = `
  SELECT seq, json_object(
    'id', id, 'type', type, 'time', time,
    'attributes', json((
      SELECT json_group_array(json_object('name', each.key, 'value', CAST(each.value AS TEXT)) ORDER BY each.id)
      FROM json_each(attributes) AS each)),
    'relationships', json((
      SELECT json_group_array(json_object('objectId', object, 'qualifier', qualifier) ORDER BY object)
      FROM told_object WHERE told_object.seq = told_event.seq)))
  FROM told_event WHERE seq > ?1 ORDER BY seq LIMIT ?2`;

const OBJECTS = `
  SELECT n, json_object(
    'id', id, 'type', type,
    'attributes', json((
      SELECT json_group_array(json_object('name', name, 'time', time, 'value', CAST(value AS TEXT)) ORDER BY seq, place)
      FROM (
        SELECT -1 AS seq, each.id AS place, each.key AS name, '${FROM_EVER}' AS time, each.value FROM json_each(facts) AS each
        UNION ALL
        SELECT change.seq, 0, name, time, value FROM change JOIN told_event USING (seq) WHERE object = object.id
      ))),
    'relationships', json((
      SELECT json_group_array(json_object('objectId', target, 'qualifier', qualifier) ORDER BY target, qualifier)
      FROM relation WHERE source = object.id)))
  FROM object WHERE n > ?1 ORDER BY n LIMIT ?2`;

const attributesOf = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).map(([name, type]) => ({ name, type }));

/** Writes the JSON form of OCEL 2.0; it is there whole, or not at all. */
export async function writeOcelJson({ staged, file }: Staged): Promise<void> {
  const unfinished = `${file}.unfinished`;
  const scratch = await toldTables(staged, `${file}.scratch`);
  try {
    const out = await open(unfinished, 'w', 0o600);
    try {
      await writeParts(out, scratch);
    } finally {
      await out.close();
    }
  } finally {
    await scratch.remove();
  }
  await rename(unfinished, file);
}

async function writeParts(out: FileHandle, scratch: Scratch): Promise<void> {
  const objectTypesOfFile = objectTypes.map((name) => ({ name, attributes: attributesOf(OBJECT_TYPES[name]) }));
  await out.write(
    `{"objectTypes":${JSON.stringify(objectTypesOfFile)},\n"eventTypes":${JSON.stringify(eventTypes)},\n`,
  );
  await out.write('"objects":[');
  await writeArray(out, scratch, OBJECTS);
  await out.write('],\n"events":[');
  await writeArray(out, scratch, EVENTS);
  await out.write(']}\n');
}

/** One element per line. */
async function writeArray(out: FileHandle, scratch: Scratch, query: string): Promise<void> {
  let before = '\n';
  for await (const page of scratch.pages<[number, string]>(query)) {
    await out.write(before + page.map(([, element]) => element).join(',\n'));
    before = ',\n';
  }
}
