// Runs at the end of `npm ci`, on whichever Node npm has: so it is JavaScript, and gives way to an old one.
import { existsSync } from 'node:fs';

const runsTypeScript = process.features.typescript !== undefined && process.features.typescript !== false;
const hasVite = existsSync(new URL('../node_modules/vite', import.meta.url));

if (runsTypeScript && hasVite) {
  await import('./build-web.ts');
} else {
  console.log(
    'spanwise: the web app is not built, because the dev dependencies are not installed. `npm ci` installs them.',
  );
}
