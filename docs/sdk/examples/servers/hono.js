import { serve } from '@hono/node-server';
import { traced } from '@spanwise/sdk';
import { Hono } from 'hono';

const app = new Hono();

app.get('/orders/:id', async (context) => {
  const id = context.req.param('id');
  const order = await traced.tool({ name: 'order_lookup' }, async () => ({ id, status: 'sent' }));
  return context.json(order);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, () => console.log('listening'));
