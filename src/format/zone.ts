const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Since 1972 every zone changes its offset on a quarter of an hour UTC, so an offset holds for all of one. */
const slotMs = 15 * minuteMs;

/** Offsets remembered per zone: about six weeks of log at a quarter of an hour each. */
const maxSlots = 4096;
/** Zones remembered at a time; there are about 600 names. */
const maxZones = 64;

/** The offsets of one zone. Asking Intl takes microseconds, a log asks for the same quarter of an hour all the time. */
class Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(timezone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
  }

  /** Milliseconds by which the zone's clocks are ahead of UTC at a moment (ms since 1970, UTC). */
  offsetAt(utc: number): number {
    const slot = Math.floor(utc / slotMs);
    const known = this.#offsets.get(slot);
    if (known !== undefined) return known;
    if (this.#offsets.size >= maxSlots) this.#offsets.clear();
    const offset = this.#ask(slot * slotMs);
    this.#offsets.set(slot, offset);
    return offset;
  }

  #ask(utc: number): number {
    // "11/21/2026, GMT+01:00"; plain "GMT" for none, seconds for local mean time before about 1900.
    const found = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(this.#format.format(utc));
    if (found === null) return 0;
    const [, sign, hours, minutes, seconds = 0] = found;
    const offset = (Number(hours) * 60 + Number(minutes)) * minuteMs + Number(seconds) * 1000;
    return sign === '-' ? -offset : offset;
  }
}

/** Remembers what Intl says, which never changes while the program runs. */
const zones = new Map<string, Zone>();

const zoneOf = (timezone: string): Zone => {
  const known = zones.get(timezone);
  if (known !== undefined) return known;
  if (zones.size >= maxZones) zones.clear();
  const zone = new Zone(timezone);
  zones.set(timezone, zone);
  return zone;
};

/**
 * The moment (ms since 1970, UTC) at which the clocks of a zone show `wall`, itself counted as if the clock showed UTC.
 *
 * A time that occurs twice, when clocks go back, is the first of the two. A time that is skipped, when clocks go
 * forward, is read with the offset from before, so it lands as much after the change as it is past it. Temporal calls
 * this choice "compatible".
 *
 * @param timezone IANA name; throws RangeError for any other
 */
export const momentOf = (wall: number, timezone: string): number => {
  if (timezone === 'UTC') return wall;
  const zone = zoneOf(timezone);
  const before = zone.offsetAt(wall - dayMs);
  const after = zone.offsetAt(wall + dayMs);
  if (before === after || zone.offsetAt(wall - before) === before) return wall - before;
  if (zone.offsetAt(wall - after) === after) return wall - after;
  return wall - before;
};

/**
 * By how much (ms) the clocks of a zone are put back after a moment (ms since 1970, UTC) that they show twice; 0 at any
 * other. `momentOf` takes what happens when they show it again for this moment, so it comes out of order by that much.
 */
export const repetitionAt = (utc: number, timezone: string): number => {
  if (timezone === 'UTC') return 0;
  const zone = zoneOf(timezone);
  const offset = zone.offsetAt(utc);
  const back = offset - zone.offsetAt(utc + dayMs);
  return back > 0 && zone.offsetAt(utc + back) < offset ? back : 0;
};

/** As `momentOf`, for a name that comes from a log; null when there is no such zone. */
export const momentInZone = (wall: number, timezone: string): number | null => {
  try {
    return momentOf(wall, timezone);
  } catch {
    // RangeError: not a name that Intl knows.
    return null;
  }
};

/** Whether this is the IANA name of a time zone. */
export const isTimezone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};
