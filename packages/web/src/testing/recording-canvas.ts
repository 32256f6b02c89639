import type { Canvas2d } from '../canvas/draw-waterfall.ts';

export interface DrawnRectangle {
  readonly colour: string;
  readonly alpha: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Stands in for a 2D context: writes down what was drawn, in thousandths of a pixel. Text is 6 px a character. */
export class RecordingCanvas implements Canvas2d {
  fillStyle: string | CanvasGradient | CanvasPattern = '';
  globalAlpha = 1;
  font = '';
  textBaseline: CanvasTextBaseline = 'alphabetic';
  readonly rectangles: DrawnRectangle[] = [];
  readonly texts: { readonly text: string; readonly x: number; readonly y: number }[] = [];

  fillRect(x: number, y: number, width: number, height: number): void {
    const [left, top, wide, high] = [x, y, width, height].map((value) => Math.round(value * 1_000) / 1_000);
    this.rectangles.push({
      colour: String(this.fillStyle),
      alpha: this.globalAlpha,
      x: left!,
      y: top!,
      width: wide!,
      height: high!,
    });
  }

  clearRect(): void {
    this.rectangles.length = 0;
    this.texts.length = 0;
  }

  fillText(text: string, x: number, y: number): void {
    this.texts.push({ text, x, y });
  }

  measureText(text: string): TextMetrics {
    return { width: text.length * 6 } as TextMetrics;
  }

  of(colour: string): DrawnRectangle[] {
    return this.rectangles.filter((rectangle) => rectangle.colour === colour);
  }
}
