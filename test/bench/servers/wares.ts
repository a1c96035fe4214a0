import { CommandBus } from '@nestjs/cqrs';
import { CreateProduct } from '#src/catalog/catalog.commands';
import { ReceiveStock } from '#src/inventory/inventory.commands';
import type { CommandContext } from '#src/kernel/commands';
import { newId } from '#src/kernel/ids';
import type { Shop } from '#src/app/open-shop';

/** What can be bought. */
export interface Ware {
  readonly productId: string;
  readonly variantId: string;
}

/** Of a command that the benchmark issues by itself. */
export function benchContext(): CommandContext {
  const commandId = newId();
  return {
    commandId,
    payloadHash: 'bench',
    correlationId: commandId,
    causationId: commandId,
    actor: { kind: 'system', id: 'bench' },
    occurredAt: new Date().toISOString(),
  };
}

/** Puts a product with so many variants on sale, `quantity` units of each in stock. */
export async function stockUp({ app }: Pick<Shop, 'app'>, variants: number, quantity: number): Promise<Ware[]> {
  const commands = app.get(CommandBus, { strict: false });
  const code = newId().slice(-12);
  const product = new CreateProduct(benchContext(), {
    sellerId: newId(),
    name: `Product ${code}`,
    description: 'For benchmarks.',
    brand: 'Bench',
    categoryPath: ['Bench'],
    taxClass: 'standard',
    attributes: {},
    images: [],
    publish: true,
    variants: Array.from({ length: variants }, (_, n) => ({
      sku: `${code}-${n}`,
      options: { size: String(n) },
      prices: [{ currency: 'EUR', amountMinor: 1_000 + n, taxIncluded: true }],
    })),
  });
  const { state } = await commands.execute(product);
  if (state.status === 'none') throw new Error('The product was not created.');
  const wares = state.variants.map(({ variantId }) => ({ productId: state.productId, variantId }));
  await Promise.all(wares.map((ware) => commands.execute(new ReceiveStock(benchContext(), { ...ware, quantity }))));
  return wares;
}
