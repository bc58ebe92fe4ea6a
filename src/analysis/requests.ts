import type { Parsed } from '../entry.ts';
import type { GlancedRequest } from '../format/glance.ts';
import type { ExaminedEntry } from './findings.ts';
import {
  addHttp,
  countRequest,
  emptyHttp,
  type HttpTally,
  type PathTally,
  pathOf,
  pathTally,
  type Request,
} from './http.ts';
import { type RouteNode, Routes } from './routes.ts';
import type { Tally } from './tally.ts';

/** What is counted of the requests of an access log. Plain data, for it is sent from thread to thread. */
export interface CountedRequests {
  http: HttpTally;
  routes: RouteNode;
}

/** Where requests of one target are counted. */
interface Place {
  path: PathTally | null;
  /** Null where the message of the entry says something else. */
  node: RouteNode | null;
}

interface ParsedRequest extends Request {
  method: string;
  path: string;
  /** Whether the message says nothing else. */
  isAll: boolean;
}

/** Targets that are remembered with their places: most requests of a log were there before. */
const mostKnown = 10_000;
/** Characters of one that is remembered. */
const mostCharacters = 500;

/** Counts the requests of a log: entries with a method, a path and a status. */
export class Requests {
  readonly #http = emptyHttp();
  readonly #routes = new Routes();
  readonly #known = new Map<string, Place>();
  /** Of the routes, as the places are known in them. */
  #version = 0;

  /**
   * Counts an entry, if it is a request; gives what is counted of those like it, where the request is all that it says.
   * Good until the next one.
   */
  see(entry: ExaminedEntry): Tally | null {
    this.#routes.makeRoom();
    const glanced = entry.request();
    const known = glanced && this.#placeOf(glanced);
    if (glanced !== null && known) return this.#count(known, glanced);
    const request = requestIn(entry.whole().parsed);
    if (request === null) return null;
    const { method, path, isAll } = request;
    const place = { path: pathTally(this.#http, path), node: isAll ? this.#routes.nodeOf(method, path) : null };
    if (glanced !== null) this.#remember(glanced, place);
    return this.#count(place, request);
  }

  #count({ path, node }: Place, request: Request): Tally | null {
    countRequest(this.#http, path, request);
    return node && this.#routes.tallyAt(node, request.status);
  }

  #placeOf({ target }: GlancedRequest): Place | undefined {
    if (this.#version !== this.#routes.version) this.#known.clear();
    this.#version = this.#routes.version;
    return this.#known.get(target);
  }

  #remember({ target }: GlancedRequest, place: Place): void {
    if (target.length > mostCharacters) return;
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(target, place);
  }

  add({ http, routes }: CountedRequests): void {
    addHttp(this.#http, http);
    this.#routes.add(routes);
  }

  /** What is counted of requests like this; undefined where there is none. */
  find(parsed: Parsed): Tally | undefined {
    const request = requestIn(parsed);
    return request?.isAll ? this.#routes.find(request.method, request.path, request.status) : undefined;
  }

  /** As `Routes.templates`. */
  templates(): [template: string, tally: Tally][] {
    return this.#routes.templates();
  }

  /** Null when there are none. */
  get counted(): CountedRequests | null {
    return this.#http.requests === 0 ? null : { http: this.#http, routes: this.#routes.root };
  }
}

/** @returns null for what is none */
function requestIn({ message, fields }: Parsed): ParsedRequest | null {
  const { method, path, status, bytesSent, durationMs } = fields;
  if (typeof method !== 'string' || typeof path !== 'string' || typeof status !== 'number') return null;
  const isAll = message === `${method} ${path} ${String(status).padStart(3, '0')}`;
  return {
    ...{ method, path: pathOf(path), status, isAll },
    bytesSent: typeof bytesSent === 'number' ? bytesSent : null,
    durationMs: typeof durationMs === 'number' ? durationMs : null,
  };
}
