import type { NewAction } from '../../src/action/action.ts';

/** An installation of a usual size: twenty services, of which some do much and most little, with five actions each. */
const services = Array.from({ length: 20 }, (_, index) => `service-${index}`);
const names = ['order.create', 'order.pay', 'mail.send', 'cache.refresh', 'report.render'];

/** Of a hundred actions so many fail. */
const failing = 3;

export interface Report {
  service: string;
  action: string;
  status: NewAction['status'];
  durationMs: number;
  error?: string;
  metadata?: { requestId: string };
}

/** The action of a number: the same in each run. */
export function report(number: number): Report {
  const random = scattered(number);
  const isFailing = random(0) * 100 < failing;
  return {
    service: services[Math.floor(random(1) ** 2 * services.length)] ?? '',
    action: names[Math.floor(random(2) * names.length)] ?? '',
    status: isFailing ? 'FAILED' : 'SUCCESS',
    // From some tenths of a ms to some seconds, most in the middle.
    durationMs: Math.round(Math.exp((random(3) + random(4)) * 4.5) * 300) / 1000,
    ...(isFailing && { error: `Upstream ${Math.floor(random(5) * 1e6)} did not answer within 30 s` }),
    ...(random(6) < 0.2 && { metadata: { requestId: number.toString(16).padStart(16, '0') } }),
  };
}

/** Numbers from 0 to 1 that depend on `number` and on which is asked for. SplitMix32, as by G. Steele et al. 2014. */
const scattered = (number: number) => (which: number) => {
  let mixed = (number * 7 + which + 1) * 0x9e3779b9;
  mixed = Math.imul((mixed ^ (mixed >>> 16)) >>> 0, 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
};
