import { icon } from './icon.ts';

/** Where the page finds what it loads: addresses relative to its own. */
export interface PageFiles {
  css: string;
  /** GraphiQL itself. */
  library: string;
  /** Runs it: browser.ts. */
  start: string;
  /** The editor's name of a worker, in small letters as HTML has attributes -> its script. */
  workers: Record<string, string>;
}

/**
 * Nothing comes from, or goes to, another host; no script runs that is not a file of this server. The editor styles
 * what it shows by style elements and attributes, with fonts and images inside the style sheet.
 * https://www.w3.org/TR/CSP3/
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The HTML of GraphiQL. */
export const page = ({ css, library, start, workers }: PageFiles): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Tailql</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<link rel="stylesheet" href="${css}">
<style>
body { display: flex; flex-direction: column; height: 100vh; margin: 0; font-family: system-ui, sans-serif; }
#root { flex: 1; min-height: 0; }
#root .graphiql-container { height: 100%; }
/* On a first visit the tabs' own animation stops half-way: at the first click the tab moves away from the pointer. */
#root .graphiql-tab { transform: none !important; }
#signed-out { margin: 0; padding: 0.6em 1em; background: #fff3cd; color: #332701; }
</style>
</head>
<body>
<noscript>GraphiQL needs JavaScript.</noscript>
<p id="signed-out" hidden>You are not signed in. Open the “Sign in (once)” link that the server printed when it
started; restart it for a new one. Or enter <code>{"Authorization": "Bearer TOKEN"}</code> under “Headers” below, with a
token from <code>tailql token create</code>.</p>
<div id="root" ${Object.entries(workers)
  .map(([name, url]) => `data-${name}="${url}"`)
  .join(' ')}></div>
<script defer src="${library}"></script>
<script type="module" src="${start}"></script>
</body>
</html>
`;
