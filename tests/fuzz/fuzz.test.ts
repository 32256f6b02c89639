import { describe, expect, it } from 'vitest';
import { mutateBytes } from './mutate-bytes.ts';
import { Random } from './random.ts';
import { createTargets, execute, readCorpus } from './targets.ts';

const corpus = readCorpus();
const targets = createTargets();

describe('fuzzing the request decoder', () => {
  it.each(corpus.map((seed) => [seed.name, seed] as const))('begins with rows out of %s', (_, seed) => {
    for (const target of targets) expect(execute(target, seed, true)).toMatch(/^(spans|logs) \w+ [1-3]/);
  });

  it('comes again with its seed', () => {
    const run = () => {
      const random = new Random(7);
      return corpus.map(({ bytes }) => mutateBytes(bytes, corpus[0]!.bytes, false, random).toString('hex'));
    };
    expect(run()).toEqual(run());
    expect(run()).not.toEqual(corpus.map(({ bytes }) => bytes.toString('hex')));
  });

  it('finds nothing in a thousand inputs', () => {
    const random = new Random(1);
    for (let execution = 0; execution < 1_000; execution += 1) {
      const seed = random.of(corpus);
      const bytes = mutateBytes(seed.bytes, random.of(corpus).bytes, seed.encoding !== 'protobuf', random);
      execute(random.of(targets), { ...seed, bytes }, true);
    }
  });
});
