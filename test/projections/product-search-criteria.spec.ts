import {
  facetsField,
  filterOf,
  sortOf,
  variantConditions,
  type Criteria,
} from '#projections/product-search/product-search.criteria';

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
        { 'price.EUR.minMinor': { $gte: 0, $lte: 2_000 } },
        { 'price.EUR.maxMinor': { $gte: 100 } },
        {
          variants: {
            $elemMatch: {
              $and: [
                { attributes: { $in: ['colour:red', 'colour:blue'] } },
                { attributes: { $in: ['size:m'] } },
                { prices: { $elemMatch: { currency: 'EUR', amountMinor: { $gte: 100, $lte: 2_000 } } } },
              ],
            },
          },
        },
      ],
    }));

  it('has a variant with two things together, and one thing in its product as a whole', () => {
    const ofVariants = (criteria: Criteria) => JSON.stringify(filterOf(criteria)).includes('$elemMatch');
    const one: Criteria[] = [
      { attributes: ['colour:red', 'colour:blue'] },
      { inStock: true },
      { price: { currency: 'EUR' } },
      { price: { currency: 'EUR', minMinor: 1 } },
      { price: { currency: 'EUR', maxMinor: 1 } },
      { attributes: ['colour:red'], inStock: false },
    ];
    const two: Criteria[] = [
      { attributes: ['colour:red', 'size:m'] },
      { attributes: ['colour:red'], inStock: true },
      { inStock: true, price: { currency: 'EUR' } },
      { price: { currency: 'EUR', minMinor: 1, maxMinor: 1 } },
    ];
    expect([one.map(ofVariants), two.map(ofVariants)]).toEqual([one.map(() => false), two.map(() => true)]);
  });

  it('is counted for a seller by what drafts have too', () =>
    expect(filterOf({ ownOf: 'potter', category: 'Kitchen', brands: ['Potter'], attributes: ['size:m'] })).toEqual({
      $and: [
        { sellerId: 'potter' },
        { 'facets.categories': 'Kitchen' },
        { 'facets.brand': { $in: ['Potter'] } },
        { 'facets.attributes': { $in: ['size:m'] } },
      ],
    }));

  it('is asked of a variant for each name of attributes, its stock and its price', () => {
    const price = { currency: 'EUR', minMinor: 1, maxMinor: 2 };
    expect(
      variantConditions({ text: 'mug', brands: ['Potter'], attributes: ['a:b', 'c:d'], inStock: true, price }),
    ).toEqual([
      { attributes: { $in: ['a:b'] } },
      { attributes: { $in: ['c:d'] } },
      { available: { $gt: 0 } },
      { prices: { $elemMatch: { currency: 'EUR', amountMinor: { $gte: 1, $lte: 2 } } } },
    ]);
    expect(variantConditions({ inStock: false })).toEqual([]);
  });

  it('has a price in the currency that is named, also without bounds', () =>
    expect(filterOf({ price: { currency: 'EUR' } })).toEqual({
      $and: [{ published: true }, { 'price.EUR.minMinor': { $gte: 0 } }],
    }));

  it('is left open by a blank text, and is nothing by signs alone', () => {
    expect(filterOf({ text: ' ' })).toEqual({ published: true });
    expect(filterOf({ text: '?!' })).toEqual({ $and: [{ published: true }, { terms: { $in: [] } }] });
  });
});

describe('the order of a list', () => {
  it('is what it says', () => {
    expect(sortOf('newest', {})).toEqual({ newSince: -1 });
    expect(sortOf('name', {})).toEqual({ sortName: 1 });
    expect(sortOf('price', { price: { currency: 'EUR' } })).toEqual({ 'price.EUR.minMinor': 1 });
    expect(sortOf('-price', { price: { currency: 'USD' } })).toEqual({ 'price.USD.minMinor': -1 });
  });

  it('by price needs a currency', () =>
    expect(() => sortOf('price', {})).toThrow('A list that is sorted by price has criteria that name the currency.'));
});
