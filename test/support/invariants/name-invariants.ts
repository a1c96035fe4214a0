import type { Findings } from './findings';
import { at, type ShopEvent } from './shop-events';

/** In no prefix of the log do two accounts have one e-mail address, or two products that are not archived one slug or sku. */
export function checkNames(events: readonly ShopEvent[], found: Findings): void {
  const owners = new Map<string, string>();
  const names = new Map<string, Set<string>>();
  const take = (name: string, event: ShopEvent) => {
    const owner = owners.get(name);
    found.never(owner === undefined || owner === event.stream, `${at(event)} has the ${name} of ${owner}`);
    owners.set(name, event.stream);
    names.set(event.stream, (names.get(event.stream) ?? new Set()).add(name));
  };
  const free = (stream: string, name: string) => {
    if (owners.get(name) === stream) owners.delete(name);
  };
  const skus = new Map<string, string>();
  const takeSku = (event: ShopEvent, variantId: string, sku: string) => {
    const before = skus.get(variantId);
    if (before !== undefined) free(event.stream, `sku ${before}`);
    skus.set(variantId, sku);
    take(`sku ${sku}`, event);
  };
  for (const event of events) {
    const { type, data, stream } = event;
    switch (type) {
      case 'AccountRegistered':
        take(`e-mail ${data.emailClaim}`, event);
        break;
      case 'ProductCreated':
        take(`slug ${data.slug}`, event);
        for (const { variantId, sku } of data.variants) takeSku(event, variantId, sku);
        break;
      case 'ProductDescribed':
        if (data.slug === undefined) break;
        for (const name of names.get(stream) ?? []) if (name.startsWith('slug ')) free(stream, name);
        take(`slug ${data.slug}`, event);
        break;
      case 'VariantAdded':
        takeSku(event, data.variant.variantId, data.variant.sku);
        break;
      case 'VariantChanged':
        takeSku(event, data.variantId, data.sku);
        break;
      case 'VariantRemoved':
        free(stream, `sku ${skus.get(data.variantId)}`);
        break;
      case 'ProductArchived':
        for (const name of names.get(stream) ?? []) free(stream, name);
    }
  }
}
