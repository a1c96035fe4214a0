/** A shop of its own for a benchmark, in a process of its own: says `ready <JSON>` when it listens, and ends on SIGTERM. */
import 'reflect-metadata';
import { CommandBus } from '@nestjs/cqrs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokens } from '#src/accounts/tokens';
import { CreateProduct } from '#src/catalog/catalog.commands';
import type { ExistingProduct } from '#src/catalog/product';
import { loadConfig } from '#src/config';
import { ReceiveStock } from '#src/inventory/inventory.commands';
import type { Changed } from '#src/kernel/aggregates';
import type { CommandContext } from '#src/kernel/commands';
import { newId } from '#src/kernel/ids';
import { openShop } from '#src/shop';

const PRODUCTS = 50;

export interface ShopForBench {
  readonly url: string;
  readonly wares: readonly { readonly productId: string; readonly variantId: string }[];
  readonly tokens: readonly string[];
}

const context = (): CommandContext => {
  const commandId = newId();
  return {
    commandId,
    payloadHash: 'bench',
    correlationId: commandId,
    causationId: commandId,
    actor: { kind: 'system', id: 'bench' },
    occurredAt: new Date().toISOString(),
  };
};

async function main(): Promise<void> {
  const [guests = '1000', quantity = '10000'] = process.argv.slice(2);
  const folder = mkdtempSync(join(tmpdir(), 'bench-shop-'));
  const shop = await openShop(loadConfig({ DATA_DIR: folder, LOG_LEVEL: 'warn' }, ['--no-demo']));
  const commands = shop.app.get(CommandBus, { strict: false });
  const sellerId = newId();
  const wares = [];
  for (let n = 0; n < PRODUCTS; n++) {
    const created = await commands.execute(
      new CreateProduct(context(), {
        sellerId,
        name: `Product ${n}`,
        description: 'For benchmarks.',
        brand: 'Bench',
        categoryPath: ['Bench'],
        taxClass: 'standard',
        attributes: {},
        images: [],
        publish: true,
        variants: [
          { sku: `BENCH-${n}`, options: {}, prices: [{ currency: 'EUR', amountMinor: 1_000 + n, taxIncluded: true }] },
        ],
      }),
    );
    const { productId, variants } = (created as Changed<ExistingProduct>).state;
    const variantId = variants[0]!.variantId;
    await commands.execute(new ReceiveStock(context(), { productId, variantId, quantity: Number(quantity) }));
    wares.push({ productId, variantId });
  }
  const tokens = Array.from(
    { length: Number(guests) },
    () => shop.app.get(Tokens, { strict: false }).forGuest(newId()).accessToken,
  );
  await shop.app.listen(0, '127.0.0.1');
  const ready: ShopForBench = { url: await shop.app.getUrl(), wares, tokens };
  process.stdout.write(`ready ${JSON.stringify(ready)}\n`);
  process.on('SIGTERM', () => {
    void shop.stop().then(() => {
      rmSync(folder, { recursive: true, force: true });
      process.exit(0);
    });
  });
  process.on('SIGUSR2', () => {
    const { rss, heapUsed } = process.memoryUsage();
    process.stdout.write(`memory ${Math.round(rss / 2 ** 20)} ${Math.round(heapUsed / 2 ** 20)}\n`);
  });
}

void main();
