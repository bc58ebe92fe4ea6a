/**
 * Whether a client would rather have a page than data, by its Accept header: browsers name text/html, programs do not,
 * or with less weight than JSON. RFC 9110, section 12.5.1.
 */
export function prefersPage(accept = ''): boolean {
  const weights = new Map(accept.toLowerCase().split(',').map(typeAndWeight));
  const weight = (type: string) => weights.get(type) ?? 0;
  return weight('text/html') > Math.max(weight('application/json'), weight('application/graphql-response+json'));
}

function typeAndWeight(range: string): [type: string, weight: number] {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return [type, weight === undefined ? 1 : Number(weight.slice('q='.length))];
}
