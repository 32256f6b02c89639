import { serviceHues } from '../ui/service-slot.ts';

/** Colours as the canvas takes them, read from the tokens. */
export interface Palette {
  readonly services: readonly string[];
  readonly text: string;
  readonly textDim: string;
  readonly onBar: string;
  readonly guide: string;
  readonly error: string;
  readonly ground: string;
  readonly selected: string;
  readonly match: string;
  /** Over a bar: thin lines of the ground. Waiting, and services from the 13th on. */
  readonly hatch: CanvasPattern | string;
  readonly font: string;
}

/** Reads the tokens as they are now: light or dark. */
export function readPalette(root: HTMLElement): Palette {
  const probe = document.createElement('span');
  root.append(probe);
  const colour = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const ground = colour('--ground');
  const palette: Palette = {
    services: Array.from({ length: serviceHues }, (_, slot) => colour(`--service-${slot}`)),
    text: colour('--text'),
    textDim: colour('--text-dim'),
    onBar: colour('--on-bar'),
    guide: colour('--hairline'),
    error: colour('--error'),
    ground,
    selected: colour('--accent-ground'),
    match: colour('--match-ground'),
    hatch: createHatch(ground),
    font: `11px ${getComputedStyle(root).fontFamily}`,
  };
  probe.remove();
  return palette;
}

function createHatch(ground: string): CanvasPattern | string {
  const tile = document.createElement('canvas');
  tile.width = 6;
  tile.height = 6;
  const context = tile.getContext('2d');
  if (context === null) return 'transparent';
  context.strokeStyle = ground;
  context.lineWidth = 2;
  context.beginPath();
  for (const shift of [-6, 0, 6]) {
    context.moveTo(shift, 6);
    context.lineTo(shift + 6, 0);
  }
  context.stroke();
  return context.createPattern(tile, 'repeat') ?? 'transparent';
}

/** A colour as one little-endian RGBA pixel. */
export function pixelOf(colour: string): number {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return 0;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0] ?? 0;
}
