import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { PageRequest, PageResponse } from "./page-exchange.ts";

/** One file of a site. */
export interface SiteFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** Whether its name changes with its content, so that browsers may keep it for good. */
  readonly isImmutable: boolean;
}

/** The files of a site by path, without a slash in front; `index.html` is the page at `/`. */
export type Site = ReadonlyMap<string, SiteFile>;

/** A site that is ready to be served: every file was compressed once. */
export type PreparedSite = ReadonlyMap<string, PreparedFile>;

interface PreparedFile {
  readonly plain: Form;
  /** Absent if it would not be smaller. */
  readonly gzip?: Form | undefined;
}

interface Form {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * No code and no style in the page itself, nothing from elsewhere, no page of others around it. `'self'` covers the
 * session, which is a WebSocket of the same host and port.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const security = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Compresses the files of a site, to be served by {@link answerFile}. */
export function prepareSite(site: Site): PreparedSite {
  return new Map(Array.from(site, ([path, file]) => [path === "index.html" ? "" : path, prepare(file)]));
}

function prepare({ contentType, bytes, isImmutable }: SiteFile): PreparedFile {
  const tag = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  const shared = {
    ...security,
    "content-type": contentType,
    "cache-control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    vary: "accept-encoding",
  };
  const plain = { headers: { ...shared, etag: `"${tag}"` }, body: bytes };
  const zipped = gzipSync(bytes, { level: 9 });
  if (zipped.length >= bytes.length) return { plain };
  const headers = { ...shared, "content-encoding": "gzip", etag: `"${tag}-gzip"` };
  return { plain, gzip: { headers, body: zipped } };
}

/** The answer to a GET or HEAD request for a file, if there is one at this path. */
export function answerFile(site: PreparedSite, path: string, request: PageRequest): PageResponse | undefined {
  const file = site.get(path.slice(1));
  if (file === undefined) return undefined;
  const { headers, body } =
    file.gzip !== undefined && takesGzip(request.acceptEncoding) ? file.gzip : file.plain;
  if (!isKnown(request.ifNoneMatch, headers.etag ?? "")) return { status: 200, headers, body };
  const { "content-type": _type, "content-encoding": _encoding, ...unchanged } = headers;
  return { status: 304, headers: unchanged, body: "" };
}

/** Whether a client that says what encodings it takes takes gzip. */
function takesGzip(acceptEncoding = ""): boolean {
  return acceptEncoding.split(",").some((each) => {
    const [coding = "", weight = ""] = each.toLowerCase().split(";");
    return /^(?:gzip|x-gzip)$/.test(coding.trim()) && !/^\s*q=0(?:\.0*)?\s*$/.test(weight);
  });
}

/** Whether the client has what the tag stands for. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = ifNoneMatch?.split(",").map((each) => each.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(etag) || tags.includes("*");
}
