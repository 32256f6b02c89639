import { RequestError } from '../shared/request-error.ts';
import type { Sql } from '../shared/sql.ts';

/** Dates as a person would say them: `Wednesday, 25 November`. */
export interface Order {
  readonly order_number: number;
  readonly item: string;
  readonly status: 'received' | 'packed' | 'shipped' | 'delivered' | 'cancelled';
  readonly ordered_on: string;
  readonly shipped_on: string | null;
  readonly expected_on: string | null;
  readonly delivered_on: string | null;
  readonly carrier: string | null;
}

/** Days from today, so that the shop always looks alive. */
const SEED = `
  (1040, 'Brightcup One, black',              'delivered', -9, -8,   -6,   -6,   'DHL'),
  (1041, 'Descaler, pack of 6',               'delivered', -5, -5,   -3,   -2,   'DPD'),
  (1042, 'Brightcup One, white',              'shipped',   -2, -1,    2,   NULL, 'DHL'),
  (1043, 'House espresso beans, 1 kg',        'shipped',   -1,  0,    1,   NULL, 'UPS'),
  (1044, 'Filter cartridge, pack of 4',       'packed',    -1, NULL,  3,   NULL, NULL),
  (1045, 'Milk carafe with lid',              'received',   0, NULL,  4,   NULL, NULL),
  (1046, 'Gift card, 50 euros',               'delivered', -3, -3,   -3,   -3,   'mail'),
  (1047, 'Brightcup One, black',              'cancelled', -4, NULL, NULL, NULL, NULL)`;

/** Creates the table, and sets the demo's orders back to where they belong today. */
export async function createOrderTable(sql: Sql): Promise<void> {
  await sql.query(`
    CREATE TABLE IF NOT EXISTS orders (
      order_number integer PRIMARY KEY,
      item text NOT NULL,
      status text NOT NULL,
      ordered_on date NOT NULL,
      shipped_on date,
      expected_on date,
      delivered_on date,
      carrier text
    )`);
  await sql.query(`
    INSERT INTO orders
      SELECT number, item, status, current_date + ordered, current_date + shipped, current_date + expected,
             current_date + delivered, carrier
      FROM (VALUES ${SEED}) AS seed (number, item, status, ordered, shipped, expected, delivered, carrier)
    ON CONFLICT (order_number) DO UPDATE SET
      ordered_on = excluded.ordered_on, shipped_on = excluded.shipped_on,
      expected_on = excluded.expected_on, delivered_on = excluded.delivered_on`);
}

/** @throws RequestError 404 `order_not_found`. */
export async function lookUpOrder(sql: Sql, orderNumber: number): Promise<Order> {
  const said = (column: string) => `to_char(${column}, 'FMDay, FMDD FMMonth') AS ${column}`;
  const { rows } = await sql.query<Order>(
    `SELECT order_number, item, status, carrier, ${said('ordered_on')}, ${said('shipped_on')},
            ${said('expected_on')}, ${said('delivered_on')}
     FROM orders WHERE order_number = $1`,
    [orderNumber],
  );
  const order = rows[0];
  if (order === undefined) throw new RequestError(404, 'order_not_found');
  return order;
}
