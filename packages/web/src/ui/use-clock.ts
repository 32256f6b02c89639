import { useEffect, useState } from 'react';

/** Milliseconds at which waiting shows: a skeleton, then words and a way out. */
const stages = [200, 2_000] as const;

/** 0 at once, 1 after 200 ms, 2 after 2 s of `isWaiting`. */
export function useWaitStage(isWaiting: boolean): 0 | 1 | 2 {
  const [stage, setStage] = useState<0 | 1 | 2>(0);
  useEffect(() => {
    setStage(0);
    if (!isWaiting) return undefined;
    const timers = stages.map((millis, index) =>
      window.setTimeout(() => setStage(index === 0 ? 1 : 2), millis),
    );
    return () => {
      for (const timer of timers) window.clearTimeout(timer);
    };
  }, [isWaiting]);
  return stage;
}

/** The clock, ticking every `stepMillis`. */
export function useNow(stepMillis: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), stepMillis);
    return () => window.clearInterval(timer);
  }, [stepMillis]);
  return now;
}
