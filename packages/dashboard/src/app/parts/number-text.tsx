import { bytesText, countText } from "./numbers.ts";

/** A size in bytes, in units of 1,024; the exact number is its title. */
export function BytesText({ bytes }: { readonly bytes: number | undefined }) {
  if (bytes === undefined) return <span class="soft">–</span>;
  return <span title={`${countText(bytes)} bytes`}>{bytesText(bytes)}</span>;
}

/** A count with separators. */
export function CountText({ count }: { readonly count: number | undefined }) {
  return count === undefined ? <span class="soft">–</span> : countText(count);
}
