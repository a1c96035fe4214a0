import { productFilters } from '../contract/product-filters.contract';
import { startShop } from '../support/shop-app';

describe('products in the embedded read models', () => productFilters(() => startShop()));
