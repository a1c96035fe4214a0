import { encodeToken } from '#src/kernel/http/consistency';
import { type EventStoreNode, startEventStoreNode } from '../support/eventstore-node/start-node';
import { Random } from '../support/random';
import { type RunningShop, startShop } from '../support/shop-app';
import { tempFolder } from '../support/temp-folder';
import { askAgain, type LiveAnswer, positionText, shopAndAsk } from './live-answers';

const ROUNDS = 60;
/** So many are asked for again by their times. */
const TIMES = 30;
const MOST_MS = 90_000;

/** Milliseconds after which the clock of the node is set once more, and by which it goes back at most. */
const [SET_EVERY, BACK] = [150, 60];

describe.each([
  ['the embedded event store', () => Promise.resolve(null)],
  ['an EventStoreDB whose clock goes back and forth', () => startEventStoreNode()],
])('what the live API answered, on %s', (_, start) => {
  let node: EventStoreNode | null = null;
  let shop: RunningShop;
  let answers: readonly LiveAnswer[];

  beforeAll(async () => {
    node = await start();
    const random = new Random(7);
    const clock = setInterval(() => void node?.faults.set({ clockAhead: -random.between(0, BACK) }), SET_EVERY);
    shop = await startShop(tempFolder(), node ? { EVENTSTORE_URL: node.url } : {});
    answers = await shopAndAsk(shop, new Random(20_260_131), ROUNDS);
    clearInterval(clock);
  }, MOST_MS);
  afterAll(async () => {
    await shop.stop();
    await node?.stop();
  });

  const of = (path: RegExp) => answers.filter((answer) => path.test(answer.path));

  it('was asked for of everything, at many places of the log', () => {
    for (const path of [/products/, /stock/, /cart/, /orders/]) expect(of(path).length).toBeGreaterThan(10);
    expect(new Set(answers.map(positionText)).size).toBeGreaterThan(30);
    expect(new Set(of(/orders/).map(({ answer }) => (answer.body as { status: string }).status)).size).toBeGreaterThan(
      2,
    );
    expect(of(/cart/).some(({ answer }) => (answer.body as { priceChanges: unknown[] }).priceChanges.length > 0)).toBe(
      true,
    );
  });

  it.each([/products/, /stock/, /cart/, /orders/])(
    'is answered again as of its position: %s',
    async (path) => {
      for (const live of of(path)) {
        const position = positionText(live);
        expect(await askAgain(shop, live, position)).toEqual({ ...live.answer, at: atOf(live, position) });
      }
    },
    MOST_MS,
  );

  it(
    'is answered again as of its time, unless something else belongs to that time too, or not even this',
    async () => {
      const log = await shop.shop.servers.store.readAll({ limit: 100_000 });
      let asked = 0;
      for (const live of answers) {
        const { id, recordedAt } = (await shop.shop.servers.store.readAt(live.position))!;
        const later = log.findIndex((event) => event.recordedAt > recordedAt);
        if (log.at(later < 0 ? -1 : later - 1)!.id !== id) continue;
        asked++;
        expect(await askAgain(shop, live, recordedAt)).toEqual({ ...live.answer, at: atOf(live, positionText(live)) });
      }
      expect(asked).toBeGreaterThan(TIMES / 3);
    },
    MOST_MS,
  );

  it('is answered again as of a consistency token of then', async () => {
    const { storeId } = shop.shop.servers.identity;
    for (const live of answers.slice(0, 20))
      expect(await askAgain(shop, live, encodeToken(storeId, live.position))).toMatchObject(live.answer);
  });
});

/** A problem says nothing of positions. */
const atOf = ({ answer }: LiveAnswer, position: string): string | null => (answer.status < 400 ? position : null);
