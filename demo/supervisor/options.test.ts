import { describe, expect, it } from 'vitest';
import { OptionsError, parseOptions } from './options.ts';

describe('parseOptions', () => {
  it('runs the demo with the checkout as its place when nothing is said', () => {
    expect(parseOptions([], '/checkout')).toEqual({
      help: false,
      version: false,
      demo: true,
      once: false,
      portOffset: 0,
      verbose: false,
      dataDir: '/checkout/.spanwise/data',
    });
  });

  it('takes every option', () => {
    const argv = ['--no-demo', '--once', '--verbose', '--port-offset', '100', '--data-dir', '/data'];
    expect(parseOptions(argv, '/checkout')).toMatchObject({
      demo: false,
      once: true,
      verbose: true,
      portOffset: 100,
      dataDir: '/data',
    });
  });

  it.each([
    [['--port-offset', '-1'], '--port-offset'],
    [['--port-offset=ten'], '--port-offset must be a whole number from 0 to 48849, not "ten"'],
    [['--port-offset', '48850'], '--port-offset'],
    [['--nodemo'], '--nodemo'],
    [['now'], 'now'],
  ])('refuses %j and names it', (argv, message) => {
    expect(() => parseOptions(argv, '/checkout')).toThrow(OptionsError);
    expect(() => parseOptions(argv, '/checkout')).toThrow(message);
  });
});
