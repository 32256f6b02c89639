import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Of what `unpackCarriedBrowser` leaves behind; a change there gets a new number, so that no old folder is used. */
const layout = 1;

/**
 * A Chromium for the browser tests: the one named by CHROME_PATH, else the machine's own, else the one that an npm
 * package carries for Linux x64. Errors: says what to install; tests that need a browser never pass without one.
 */
export async function launchBrowser(): Promise<Browser> {
  const own = findInstalledBrowser();
  if (own !== undefined) return chromium.launch({ executablePath: own, args: sandboxArguments() });
  if (process.platform === 'linux' && process.arch === 'x64') {
    const folder = await unpackCarriedBrowser();
    return chromium.launch({
      executablePath: path.join(folder, 'chromium'),
      env: { ...process.env, FONTCONFIG_FILE: path.join(folder, 'fonts.conf') },
      args: [
        ...sandboxArguments(),
        '--use-gl=angle',
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
      ],
    });
  }
  throw new Error(
    'The browser tests found no browser. Install Google Chrome or Chromium, or set CHROME_PATH to one.',
  );
}

function findInstalledBrowser(): string | undefined {
  const named = process.env.CHROME_PATH;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`CHROME_PATH is ${named}, but there is no such file.`);
  }
  const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser'];
  const folders = (process.env.PATH ?? '').split(path.delimiter).concat('/usr/bin', '/snap/bin');
  const applications = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ];
  return [...folders.flatMap((folder) => names.map((name) => path.join(folder, name))), ...applications].find(
    existsSync,
  );
}

/** Chromium refuses to start as root with its sandbox; all it opens here is our own pages. */
function sandboxArguments(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

/**
 * The package unpacks into the temporary folder and takes a half-written file for a finished one. So each version
 * is unpacked aside, and moved into place whole. Gives the folder.
 */
async function unpackCarriedBrowser(): Promise<string> {
  const require = createRequire(import.meta.url);
  const manifest: unknown = require(
    path.join(path.dirname(require.resolve('@sparticuz/chromium')), '../package.json'),
  );
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : 'unknown';
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'spanwise');
  const folder = path.join(cache, `chromium-${version}-${layout}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const aside = mkdtempSync(`${folder}-`);
    await inTemporaryFolder(aside, async () => {
      const { default: carried } = await import('@sparticuz/chromium');
      await carried.executablePath();
    });
    writeFileSync(path.join(aside, 'fonts.conf'), fontConfiguration(path.join(folder, 'fonts')));
    try {
      renameSync(aside, folder);
    } catch (error) {
      rmSync(aside, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
  }
  return folder;
}

/** The package's own configuration looks for its fonts where it unpacks by default; without a font, no text shows. */
function fontConfiguration(fonts: string): string {
  const folders = ['/usr/share/fonts', '/usr/local/share/fonts', fonts].map((dir) => `<dir>${dir}</dir>`);
  return `<?xml version="1.0"?><fontconfig>${folders.join('')}<cachedir prefix="xdg">fontconfig</cachedir></fontconfig>\n`;
}

async function inTemporaryFolder(folder: string, action: () => Promise<void>): Promise<void> {
  const before = process.env.TMPDIR ?? tmpdir();
  process.env.TMPDIR = folder;
  try {
    await action();
  } finally {
    process.env.TMPDIR = before;
  }
}
