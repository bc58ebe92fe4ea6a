/** What a list of preferences such as Accept names, with its weight, 1 where it says none. RFC 9110, section 12.4.2. */
export const weightsOf = (list: string): Map<string, number> =>
  new Map(list.toLowerCase().split(',').map(nameAndWeight));

function nameAndWeight(item: string): [name: string, weight: number] {
  const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return [name, weight === undefined ? 1 : Number(weight.slice('q='.length))];
}

/** Whether gzip is accepted, and not less welcome than no encoding. Without the header: no. RFC 9110, section 12.5.3. */
export function acceptsGzip(header = ''): boolean {
  const weights = weightsOf(header);
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}
