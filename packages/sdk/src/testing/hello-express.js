// As hello-express.cjs, as an ES module. Run with `--import @spanwise/sdk/register`.
import express from 'express';

const app = express();
const port = process.env.PORT;

app.get('/', (_req, res) => {
  res.send('Hello World!');
});

app.listen(port, () => {
  console.log(`Example app listening on port ${port}`);
});
