import { facetsField, filterOf, sortOf } from '#projections/product-search/product-search.criteria';

describe('what somebody looks for', () => {
  it('is among what is published, and for a seller among their own, drafts too', () => {
    expect(filterOf({})).toEqual({ published: true });
    expect(filterOf({ ownOf: 'potter' })).toEqual({ sellerId: 'potter' });
    expect([facetsField({}), facetsField({ ownOf: 'potter' })]).toEqual(['listed', 'facets']);
  });

  it('has everything that is stated', () =>
    expect(
      filterOf({
        text: 'mugs ',
        category: 'Kitchen/Mugs',
        brands: ['Potter', 'Weaver'],
        attributes: ['colour:red', 'size:m', 'colour:blue'],
        sellerId: 'potter',
        inStock: false,
        price: { currency: 'EUR', minMinor: 100, maxMinor: 2_000 },
      }),
    ).toEqual({
      $and: [
        { published: true },
        { terms: { $all: ['mug'] } },
        { 'listed.categories': 'Kitchen/Mugs' },
        { 'listed.brand': { $in: ['Potter', 'Weaver'] } },
        { 'listed.attributes': { $in: ['colour:red', 'colour:blue'] } },
        { 'listed.attributes': { $in: ['size:m'] } },
        { sellerId: 'potter' },
        { inStock: false },
        { 'price.EUR.minMinor': { $gte: 100, $lte: 2_000 } },
      ],
    }));

  it('is counted for a seller by what drafts have too', () =>
    expect(filterOf({ ownOf: 'potter', category: 'Kitchen', brands: ['Potter'], attributes: ['size:m'] })).toEqual({
      $and: [
        { sellerId: 'potter' },
        { 'facets.categories': 'Kitchen' },
        { 'facets.brand': { $in: ['Potter'] } },
        { 'facets.attributes': { $in: ['size:m'] } },
      ],
    }));

  it('has a price in the currency that is named, also without bounds', () =>
    expect(filterOf({ price: { currency: 'EUR' } })).toEqual({
      $and: [{ published: true }, { 'price.EUR.minMinor': { $gte: 0 } }],
    }));

  it('is left open by an empty text', () => expect(filterOf({ text: '' })).toEqual({ published: true }));
});

describe('the order of a list', () => {
  it('is what it says', () => {
    expect(sortOf('newest', {})).toEqual({ createdAt: -1 });
    expect(sortOf('name', {})).toEqual({ sortName: 1 });
    expect(sortOf('price', { price: { currency: 'EUR' } })).toEqual({ 'price.EUR.minMinor': 1 });
    expect(sortOf('-price', { price: { currency: 'USD' } })).toEqual({ 'price.USD.minMinor': -1 });
  });

  it('by price needs a currency', () =>
    expect(() => sortOf('price', {})).toThrow('A list that is sorted by price has criteria that name the currency.'));
});
