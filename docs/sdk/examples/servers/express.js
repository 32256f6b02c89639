import { traced } from '@spanwise/sdk';
import express from 'express';

const app = express();

app.get('/orders/:id', async (request, response) => {
  const { id } = request.params;
  const order = await traced.tool({ name: 'order_lookup' }, async () => ({ id, status: 'sent' }));
  response.json(order);
});

app.listen(Number(process.env.PORT ?? 3000), () => console.log('listening'));
