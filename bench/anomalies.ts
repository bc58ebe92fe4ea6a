import { reportOfSeries } from './analysis/series.ts';
import type { Bench } from './bench.ts';

export const anomalies: Bench = {
  name: 'anomalies',
  about: 'Anomalies in simulated series: how many of the bursts are found, and how many alarms are false.',
  run: async ({ length }) => reportOfSeries(length === 'quick' ? 50 : 400),
};
