// Runs in the browser: script/build.mjs bundles it into dist/browser/graphiql.js.
import { examples } from './example.ts';
import { createFetcher, post } from './fetcher.ts';
import { icon } from './icon.ts';

// What is used of a browser's globals. TypeScript's library "dom" would offer all of them to the server's code too.
interface HtmlElement {
  dataset: Record<string, string | undefined>;
  hidden: boolean;
}
declare const document: { querySelector(selector: string): HtmlElement | null };
declare const location: { origin: string; pathname: string };
declare const Worker: new (url: string, options: { name: string; type: 'module' }) => object;
declare const YogaGraphiQL: { renderYogaGraphiQL(root: HtmlElement, options: object): void };

const root = element('#root');

// Read by the editor when it starts a worker; the page says which file each one is.
Object.assign(globalThis, {
  MonacoEnvironment: {
    globalAPI: false,
    getWorker: (_module: string, name: string) =>
      new Worker(root.dataset[name.toLowerCase()] ?? '', { name, type: 'module' }),
  },
});

// The page is at the address of the API, wherever a proxy may have put that.
const url = `${location.origin}${location.pathname}`;

// Who is signed in, and the ids of the server's own logs for the examples.
interface Answer {
  data?: { me: object | null; system: { id: string } | null; audit: { id: string } | null } | null;
}
const question = `{
  me { id }
  system: source(by: { name: "tailql/system" }) { id }
  audit: source(by: { name: "tailql/audit" }) { id }
}`;
const { data }: Answer = JSON.parse(await (await post(url, { query: question })).text());
const visitor = data?.me == null ? 'signed out' : 'signed in';

element('#signed-out').hidden = visitor === 'signed in';
YogaGraphiQL.renderYogaGraphiQL(root, {
  fetcher: createFetcher(url),
  title: 'Tailql',
  logo: icon,
  defaultTabs: examples({ system: data?.system?.id ?? null, audit: data?.audit?.id ?? null }),
  // Tabs that were kept take the place of the examples: those of before signing in would stay.
  ...(visitor === 'signed out' && { storage: null }),
  // Any script of this origin can read what is kept, now and later: a token typed in is for this visit only.
  shouldPersistHeaders: false,
  // Otherwise the text goes into the address, and from there into histories and the logs of proxies.
  onEditQuery: () => {},
});

function element(selector: string): HtmlElement {
  const found = document.querySelector(selector);
  if (found === null) throw new Error(`The page has no ${selector}`);
  return found;
}
