import { traced } from '@spanwise/sdk';
import { fastify } from 'fastify';

const app = fastify();

app.get('/orders/:id', async ({ params }) =>
  traced.tool({ name: 'order_lookup' }, async () => ({ id: params.id, status: 'sent' })),
);

await app.listen({ port: Number(process.env.PORT ?? 3000) });
console.log('listening');
