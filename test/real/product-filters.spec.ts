import { productFilters } from '../contract/product-filters.contract';
import { dropDatabase, newDatabase } from '../support/servers/mongo-databases';
import { addressOf, describeOn } from '../support/servers/real-servers';
import { startShop } from '../support/shop-app';

jest.setTimeout(120_000);

describeOn(['mongodb'], 'products in MongoDB', () => {
  const databases: string[] = [];
  const database = (): string => {
    const url = newDatabase(addressOf('mongodb'));
    databases.push(url);
    return url;
  };
  afterAll(() => Promise.all(databases.map(dropDatabase)));

  productFilters(() => startShop(undefined, { MONGODB_URL: database(), MONGODB_KEYS_URL: database() }));
});
