/** Lines of a log, the newest of them live: SVG, for the page and its tab. */
export const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="32" height="32" stroke-width="2" stroke-linecap="round">' +
  '<path stroke="#8a94a6" d="M2 3h12M2 8h9"/><path stroke="#e10098" d="M2 13h5"/><circle cx="12" cy="13" r="2" fill="#e10098"/></svg>';
