export type ActionStatus = 'SUCCESS' | 'FAILED';

/** What actions have in common, and statistics are kept by. */
export interface Series {
  /** A small number. */
  id: number;
  service: string;
  action: string;
  status: ActionStatus;
}

/** An action as its service reports it, checked. */
export interface NewAction extends Omit<Series, 'id'> {
  /** When it happened, ms since 1970, UTC; null: when it is recorded. */
  timestamp: number | null;
  /** Whole microseconds. */
  durationUs: number;
  error: string | null;
  /** JSON, without secrets. */
  metadata: string | null;
}

/** One operation that some service carried out. */
export interface Action {
  /** Its place in the order of recording: from 1, without gaps. */
  id: number;
  series: Series;
  /** When it happened, as the service says; ms since 1970, UTC. */
  timestamp: number;
  /** When it was recorded; never before that of an action with a smaller id. */
  recordedAt: number;
  durationUs: number;
  error: string | null;
  metadata: string | null;
}
