/** What models cost: for the backend alone, so that no bundle of SDK or UI carries the list. */
export { listedPrices, pricesChecked } from './listed-prices.ts';
export { costOf, type Price, type Rates } from './price.ts';
export { PriceList } from './price-list.ts';
