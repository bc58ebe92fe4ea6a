/** Bytes read at once: enough for a page of ordinary lines. */
export const blockBytes = 64 * 1024;

/** Bytes read at once within a long line or a hole: of those there may be gibibytes, and each read has its price. */
export const longBlockBytes = 256 * 1024;
