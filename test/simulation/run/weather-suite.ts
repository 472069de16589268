import { runWeather, type WeatherOutcome } from '../support/weather-run.ts';
import type { Failure, Suite } from './suite.ts';

const failuresOf = (seed: number, { violations }: WeatherOutcome): readonly Failure[] =>
  violations.map(({ check, detail }) => ({ point: `weather:${seed}`, check, detail }));

export const weatherSuite: Suite = {
  async runSeed(seed) {
    const outcome = await runWeather(seed);
    const { records, ticks, faults, events, outages } = outcome;
    return {
      runs: 1,
      failures: failuresOf(seed, outcome),
      counts: { records, ticks, faults, events, ...outages },
    };
  },

  async replay(point, trace) {
    if (!/^\d+$/.test(point)) throw new RangeError(`${point} is no point of a weather run: wanted SEED`);
    return failuresOf(Number(point), await runWeather(Number(point), trace));
  },
};
