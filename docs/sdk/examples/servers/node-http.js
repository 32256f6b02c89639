import { createServer } from 'node:http';
import { traced } from '@spanwise/sdk';

const server = createServer(async (_request, response) => {
  const order = await traced.tool({ name: 'order_lookup' }, async () => ({ id: 17, status: 'sent' }));
  response.setHeader('content-type', 'application/json').end(JSON.stringify(order));
});

server.listen(Number(process.env.PORT ?? 3000), () => console.log('listening'));
