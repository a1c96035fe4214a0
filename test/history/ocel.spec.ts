import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ocel2, ocel2Sqlite } from '#src/history/export/formats/ocel2';
import { allMappings } from '#src/history/ocel/all-mappings';
import { availableOf, stock } from '#src/inventory/stock';
import type { StockEvent } from '#src/inventory/inventory.events';
import { partsOf } from '#src/kernel/aggregate';
import type { RecordedEvent } from '#src/kernel/events';
import { stampOf } from '#src/kernel/position';
import { readLog } from '../support/shop-folder';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { exported, FORMATS, type OcelFile, pathIn, read, rowsIn, valuesIn } from './ocel-file';
import { A_FEW_VISITS, tradedFolder } from '../support/traded-folder';

const FROM_EVER = '1970-01-01T00:00:00.000000Z';

const work = tempFolderOfThisFile();
const folderOf = ({ name }: { readonly name: string }) => join(work, name);
let log: readonly RecordedEvent[];
let file: OcelFile;

beforeAll(async () => {
  const dataDir = await tradedFolder(A_FEW_VISITS);
  try {
    log = (await readLog(dataDir)).filter(({ type }) => allMappings.has(type));
    for (const format of FORMATS) await exported(dataDir, { folder: folderOf(format), format });
    file = read(folderOf(ocel2));
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 90_000);

const rowsOf = <R>(sql: string): R[] => rowsIn<R>(folderOf(ocel2Sqlite), sql);
const objectOf = (id: string) => file.objects.find((object) => object.id === id)!;
const targets = (id: string, qualifier: string) =>
  objectOf(id)
    .relationships.filter((related) => related.qualifier === qualifier)
    .map(({ objectId }) => objectId);
const valuesOf = (id: string, name: string) => valuesIn(file, id, name);
const events = (type: string) => log.filter((event) => event.type === type);

describe('an export as OCEL 2.0', () => {
  it('holds every event of carts, orders, payments, products and stock, in the order of the log, and no other', () => {
    expect(file.events.map(({ id, type }) => ({ id, type }))).toEqual(log.map(({ id, type }) => ({ id, type })));
    expect(new Set(log.map(({ stream }) => partsOf(stream).aggregate)).size).toBe(5);
  });

  it('gives every event a time of its own, at most a millisecond after it was recorded', () => {
    const times = file.events.map(({ time }) => time);
    expect(times).toEqual([...new Set(times)].sort());
    expect(times.map((time) => `${time.slice(0, -4)}Z`)).toEqual(log.map(({ recordedAt }) => recordedAt));
  });

  it('says where in the log each event is, and who acted', () => {
    for (const [n, { attributes }] of file.events.entries()) {
      const { position, metadata } = log[n]!;
      const actor = metadata['actor'] as { kind: string; id: string };
      expect(Object.fromEntries(attributes.map(({ name, value }) => [name, value]))).toMatchObject({
        position: stampOf(position),
        actorKind: actor.kind,
        actor: actor.id,
      });
    }
  });

  it('shows nothing that a person gave, sealed or not', () => {
    for (const format of FORMATS) {
      const text = readFileSync(pathIn(folderOf(format), format), 'latin1');
      for (const secret of ['Lovelace', 'Torstra', 'ada@', '"ct"', '"iv"', 'test-approved'])
        expect(text).not.toContain(secret);
    }
  });

  it('shows how an order came to its end, when, and for how much', () => {
    const { stream, data } = events('OrderCancelled')[0]!;
    const placed = events('OrderPlaced').find((event) => event.stream === stream)!;
    const { attributes } = objectOf(stream);
    const status = attributes.filter(({ name }) => name === 'status');
    expect(status.map(({ value }) => value)).toEqual(['received', 'placed', 'confirmed', 'cancelling', 'cancelled']);
    expect(status[0]!.time).toBe(FROM_EVER);
    const cancelled = file.events.find(({ type }) => type === 'OrderCancelled')!;
    expect(status.at(-1)!.time).toBe(cancelled.time);
    expect(valuesOf(`order-${String(data['orderId'])}`, 'totalMinor')).toEqual([
      String((placed.data['totals'] as { totalMinor: number }).totalMinor),
    ]);
  });

  it('relates an order to its cart, its customer, its payment and what is in it', () => {
    const { stream, data } = events('OrderPlaced')[0]!;
    const { cartId, generation, customer, lines } = data as unknown as {
      cartId: string;
      generation: number;
      customer: { id: string };
      lines: { productId: string; variantId: string }[];
    };
    expect(targets(stream, 'from cart')).toEqual([`cart-${cartId}/${generation}`]);
    expect(targets(stream, 'placed by')).toEqual([`customer-${customer.id}`]);
    const payment = events('PaymentRequested').find((event) => event.data['orderId'] === data['orderId'])!;
    expect(targets(stream, 'paid by')).toEqual([payment.stream]);
    const contained = lines.flatMap((line) => [`product-${line.productId}`, `variant-${line.variantId}`]);
    expect(targets(stream, 'contains')).toEqual([...new Set(contained)].sort());
  });

  it('has a cart of its own for every generation: what is put into it after a checkout is in another one', () => {
    const { stream, revision } = events('CartCheckedOut')[0]!;
    const added = events('ItemAddedToCart').filter((event) => event.stream === stream);
    const cartOf = ({ id }: RecordedEvent) =>
      file.events.find((event) => event.id === id)!.relationships.find(({ objectId }) => objectId.startsWith('cart-'))!
        .objectId;
    expect(added.some((event) => event.revision > revision)).toBe(true);
    for (const event of added) expect(cartOf(event)).toBe(`${stream}/${event.revision < revision ? 1 : 2}`);
    expect(valuesOf(`${stream}/1`, 'status')).toEqual(['open', 'checked out']);
    expect(valuesOf(`${stream}/2`, 'status')).toEqual(['open']);
  });

  it('shows after every movement how many units there are, as the shelf itself counts them', () => {
    const streams = [...new Set(log.map(({ stream }) => stream).filter((name) => name.startsWith('stock-')))];
    expect(streams.length).toBe(3);
    for (const stream of streams) {
      const available = [0];
      let state = stock.initial;
      for (const event of log.filter((each) => each.stream === stream)) {
        state = stock.evolve(state, event as unknown as StockEvent);
        if (availableOf(state) !== available.at(-1)) available.push(availableOf(state));
      }
      expect(valuesOf(`variant-${partsOf(stream).id}`, 'available')).toEqual(available.map(String));
    }
  });

  it('relates only to objects that it holds, each once per event', () => {
    const ids = new Set(file.objects.map(({ id }) => id));
    expect(ids.size).toBe(file.objects.length);
    for (const { relationships } of [...file.objects, ...file.events])
      for (const { objectId } of relationships) expect(ids).toContain(objectId);
    for (const { relationships } of file.events)
      expect(new Set(relationships.map(({ objectId }) => objectId)).size).toBe(relationships.length);
  });
});

describe('the SQLite form', () => {
  it('is a whole database, in which every reference leads somewhere', () => {
    expect(rowsOf('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(rowsOf('PRAGMA foreign_key_check')).toEqual([]);
  });

  it('holds the same events, objects and relations as the JSON form', () => {
    expect(rowsOf('SELECT ocel_id AS id, ocel_type AS type FROM event ORDER BY rowid')).toEqual(
      file.events.map(({ id, type }) => ({ id, type })),
    );
    expect(rowsOf('SELECT ocel_id AS id, ocel_type AS type FROM object ORDER BY rowid')).toEqual(
      file.objects.map(({ id, type }) => ({ id, type })),
    );
    const related = (of: OcelFile['events'] | OcelFile['objects']) =>
      of.flatMap(({ id, relationships }) => relationships.map((each) => `${id} ${each.qualifier} ${each.objectId}`));
    const inTable = (table: string, from: string, to: string) =>
      rowsOf<{ text: string }>(`SELECT ${from} || ' ' || ocel_qualifier || ' ' || ${to} AS text FROM ${table}`)
        .map(({ text }) => text)
        .sort();
    expect(inTable('event_object', 'ocel_event_id', 'ocel_object_id')).toEqual(related(file.events).sort());
    expect(inTable('object_object', 'ocel_source_id', 'ocel_target_id')).toEqual(related(file.objects).sort());
  });

  it('holds the same attributes, of events and of objects, with all of their changes', () => {
    const requested = file.events.filter(({ type }) => type === 'PaymentRequested');
    expect(rowsOf(`SELECT ocel_time, amountMinor FROM event_PaymentRequested ORDER BY rowid`)).toEqual(
      requested.map(({ time, attributes }) => ({
        ocel_time: time,
        amountMinor: Number(attributes.find(({ name }) => name === 'amountMinor')!.value),
      })),
    );
    for (const { id, attributes } of file.objects.filter(({ type }) => type === 'order')) {
      const rows = rowsOf<Record<string, unknown>>(`SELECT * FROM object_order WHERE ocel_id = '${id}' ORDER BY rowid`);
      const [first, ...changes] = rows;
      for (const { name, value, time } of attributes) if (time === FROM_EVER) expect(String(first![name])).toBe(value);
      expect(changes.map((row) => [row['ocel_time'], String(row[row['ocel_changed_field'] as string])])).toEqual(
        attributes.filter(({ time }) => time !== FROM_EVER).map(({ time, value }) => [time, value]),
      );
    }
  });

  it('can be read by its owner alone', () => {
    for (const format of FORMATS) expect(statSync(pathIn(folderOf(format), format)).mode & 0o077).toBe(0);
  });
});
