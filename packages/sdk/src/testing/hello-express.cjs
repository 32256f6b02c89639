// "Hello world" of expressjs.com/en/starter/hello-world.html, but for the port. Run with `--import @spanwise/sdk/register`.
const express = require('express');
const app = express();
const port = process.env.PORT;

app.get('/', (_req, res) => {
  res.send('Hello World!');
});

app.listen(port, () => {
  console.log(`Example app listening on port ${port}`);
});
