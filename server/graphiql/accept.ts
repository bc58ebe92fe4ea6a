import { weightsOf } from '../weights.ts';

/**
 * Whether a client would rather have a page than data, by its Accept header: browsers name text/html, programs do not,
 * or with less weight than JSON. RFC 9110, section 12.5.1.
 */
export function prefersPage(accept = ''): boolean {
  const weights = weightsOf(accept);
  const weight = (type: string) => weights.get(type) ?? 0;
  return weight('text/html') > Math.max(weight('application/json'), weight('application/graphql-response+json'));
}
