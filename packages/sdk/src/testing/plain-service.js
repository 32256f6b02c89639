/** A service without a word about tracing: Express and node:http's named exports. Run with `--import @spanwise/sdk/register`. */
import { get } from 'node:http';
import express from 'express';

const app = express();
const items = express.Router();
items.get('/:id', (_request, response) => {
  response.json({});
});
app.use('/items', items);
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') return;
  get(`http://127.0.0.1:${address.port}/items/17?q=canary`, (response) => {
    response.resume().on('end', () => console.log('served'));
  });
});
