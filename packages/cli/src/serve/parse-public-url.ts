import { InvalidArgumentError } from "commander";

/** Reads the URL by which clients reach a server. @throws `InvalidArgumentError` that says what is wrong */
export function parsePublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isAddress = url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== "";
  const isBare = isAddress && `${url.pathname}${url.search}${url.hash}${url.username}${url.password}` === "/";
  // Other characters could not be pasted into a shell or shown on a page.
  if (!isBare || !/^[A-Za-z0-9.:[\]/-]+$/.test(url.origin)) {
    throw new InvalidArgumentError(
      "A public URL is http://HOST[:PORT] or https://HOST[:PORT], and nothing behind it.",
    );
  }
  return url.origin;
}
