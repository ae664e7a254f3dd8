// Python has no class for URLs. The nearest is the named tuple that `urllib.parse.urlparse` gives. A URL is written as
// CPython writes that tuple, and the tuple is read as a URL if JavaScript agrees that it is one.

import { PyGlobal, PyObject } from "../values/py-object.ts";
import type { TypeRule } from "./type-rule.ts";

const parseResultClass = new PyGlobal("urllib.parse", "ParseResult");
/** The schemes whose last path segment urlparse splits at a semicolon. */
const withParameters = new Set([
  "ftp",
  "http",
  "https",
  "shttp",
  "rtsp",
  "rtsps",
  "sip",
  "sips",
  "mms",
  "sftp",
  "tel",
]);

/** Longer international names stay as they are. Those that can be looked up have up to 253 characters. */
const NETLOC_MAX_LENGTH = 1_000;

/** The six parts of a URL that JavaScript spells otherwise, as long as the URL is unchanged. */
const originals = new WeakMap<URL, { readonly href: string; readonly parts: readonly string[] }>();

function partsOf(url: URL): readonly string[] {
  const kept = originals.get(url);
  if (kept?.href === url.href) return kept.parts;
  const [, scheme, netloc, path, query, fragment] =
    /^([^:]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(url.href) ?? [];
  const semicolon = withParameters.has(scheme ?? "")
    ? (path ?? "").indexOf(";", (path ?? "").lastIndexOf("/") + 1)
    : -1;
  const [plain, parameters] =
    semicolon < 0 ? [path, ""] : [path?.slice(0, semicolon), path?.slice(semicolon + 1)];
  return [scheme, netloc, plain, parameters, query, fragment].map((part) => part ?? "");
}

function readUrl(args: readonly unknown[]): URL | undefined {
  if (args.length !== 6 || !args.every((part) => typeof part === "string")) return undefined;
  const parts = args as readonly string[];
  const [scheme, netloc, path, parameters, query, fragment] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const text = [
    `${scheme}:`,
    netloc === "" ? "" : `//${netloc}`,
    path,
    parameters === "" ? "" : `;${parameters}`,
    query === "" ? "" : `?${query}`,
    fragment === "" ? "" : `#${fragment}`,
  ].join("");
  if (scheme === "" || text.length > 100_000) return undefined;
  // To translate an international name takes a time that grows with the square of its length.
  if (netloc.length > NETLOC_MAX_LENGTH && /[^\x21-\x7e]|xn--/i.test(netloc)) return undefined;
  try {
    const url = new URL(text);
    originals.set(url, { href: url.href, parts });
    return url;
  } catch {
    return undefined;
  }
}

/** `URL` and the result of urlparse. */
export const urlRule: TypeRule = {
  typescript: "`URL`",
  python: "`urllib.parse.ParseResult`",
  note: "as `urlparse(href)` gives it; `geturl()` is the href, but for a `?` or `#` that nothing follows",
  classes: typeof URL === "undefined" ? [] : [URL],
  reduce: (url: URL) =>
    new PyObject({ callable: parseResultClass, args: Object.freeze([...partsOf(url)]), construction: "new" }),
  calls: {
    "urllib.parse.ParseResult": (args, construction) => (construction === "new" ? readUrl(args) : undefined),
  },
  costBytes: 1_300,
  textFactor: 16,
};
