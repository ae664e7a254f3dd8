/** The value of a header that is there once; undefined for one that is absent, or there several times. */
export function singleHeader(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : undefined;
}
