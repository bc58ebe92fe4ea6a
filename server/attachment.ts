/** Characters that some file system refuses or a shell or a person misreads, and what Unicode calls "other". */
const unsafe = /[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|]+/gu;

/** A header's value that has a browser save the answer as a file of about this name. RFC 6266. */
export function attachment(wanted: string): string {
  const name = fileName(wanted);
  // For what does not know the other form; `%` would be read as an escape by some. RFC 6266, appendix D.
  const plain = name.replaceAll(/[^ -~]|%/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${escaped(name)}`;
}

function fileName(wanted: string): string {
  // A name that begins with a dot is hidden, and one that ends with one is another on Windows.
  const name = wanted.replaceAll(unsafe, '-').replace(/^[. -]+|[. ]+$/g, '');
  if (name === '') return 'log.txt';
  return /\.[a-z0-9]{1,8}$/i.test(name) ? name : `${name}.log`;
}

/** RFC 8187, section 3.2.1: what encodeURIComponent leaves alone, but for four characters. */
const escaped = (name: string): string =>
  encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
