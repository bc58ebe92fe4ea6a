/**
 * A text without the credentials that a URL in it holds: user and password, and a password among the parameters.
 * Takes too much rather than too little, because an unescaped `@` or `/` may be part of a password.
 */
export const redact = (text: string): string =>
  text.replace(/\/\/.*@/s, '//***@').replace(/([?&](?:ssl)?password=)[^&]*/gis, '$1***');
