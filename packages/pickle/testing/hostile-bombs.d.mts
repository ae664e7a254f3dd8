/** Bombs by name: each makes its bytes. */
export const bombs: Readonly<Record<string, () => Uint8Array>>;
/** Those that take in proportion to their length. */
export const floods: ReadonlySet<string>;
