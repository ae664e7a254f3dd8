/** Bombs by name: each makes its bytes. */
export const bombs: Readonly<Record<string, () => Uint8Array>>;
