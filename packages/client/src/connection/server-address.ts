/**
 * Server addresses (protocol section 1.1).
 *
 * `http://host[:port]` is without TLS and `https://host[:port]` with TLS: sessions, or gRPC over HTTP/2. `ws:` and
 * `wss:` are the same for sessions by WebSocket only. `unix:path` or `unix://path` is gRPC without TLS over a Unix
 * socket. A path in a URL is ignored. Unlike Python's client, IPv6 literals work. Messages never show the URL itself: it may hold a secret.
 */

import { createError, type EverdictError } from "@everdict/protocol";
import { type Credentials, tokenFrom } from "./token-text.ts";

/** Where a server listens. */
export interface ServerAddress {
  /** Host name or address without port, or `localhost` for a Unix socket. */
  readonly host: string;
  /** What a gRPC channel connects to: `host:port`, or `unix:path`. */
  readonly target: string;
  /** Whether the connection is TLS. */
  readonly tls: boolean;
  /** Where sessions are reached, `SCHEME://host:port`; undefined if there are none (Unix sockets). */
  readonly sessionUrl: string | undefined;
}

/** An address together with what stood before the `@`. */
export interface ParsedServerUrl {
  readonly address: ServerAddress;
  readonly credentials: Credentials | undefined;
}

/**
 * Reads one server URL. `source` names the setting it comes from, for messages.
 *
 * @throws {InvalidError} `invalid_argument`
 */
export function parseServerUrl(text: string, source: string): ParsedServerUrl {
  const unix = /^unix:(?:\/\/)?(.+)$/.exec(text);
  if (unix) return { address: unixAddress(unix[1]!), credentials: undefined };
  const url = parseUrl(text, source);
  const tls = url.protocol === "https:" || url.protocol === "wss:";
  const target = `${url.hostname}:${url.port === "" ? (tls ? "443" : "80") : url.port}`;
  return {
    address: { host: url.hostname, target, tls, sessionUrl: `${url.protocol}//${target}` },
    credentials: credentialsIn(url, source),
  };
}

/** Whether the host of a URL is this machine, which nobody reaches by a proxy. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\./.test(host);
}

function unixAddress(path: string): ServerAddress {
  return { host: "localhost", target: `unix:${path}`, tls: false, sessionUrl: undefined };
}

/**
 * Reads a comma-separated list of server URLs, as `MODAL_SERVER_URL` may be. The first one that names
 * credentials names them for all.
 *
 * @throws {InvalidError} `invalid_argument`
 */
export function parseServerUrls(
  text: string,
  source: string,
): { readonly addresses: readonly ServerAddress[]; readonly credentials: Credentials | undefined } {
  const parsed = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => parseServerUrl(part, source));
  if (parsed.length === 0) throw createError("invalid_argument", `${source} is empty`);
  return {
    addresses: parsed.map((one) => one.address),
    credentials: parsed.find((one) => one.credentials)?.credentials,
  };
}

function parseUrl(text: string, source: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badUrl(source, likelyUrl(text));
  }
  if (!/^(https?|wss?):$/.test(url.protocol)) {
    throw badUrl(source, likelyUrl(text) ?? `there is no scheme '${url.protocol}'`);
  }
  if (url.hostname === "") throw badUrl(source);
  return url;
}

/** What was probably meant. Only what can hold no secret is repeated. */
function likelyUrl(text: string): string | undefined {
  if (/^["'].*["']$/.test(text)) return "it stands in quotation marks, which are to be left out";
  if (/^\[?[\w.:-]+\]?:\d{1,5}$/.test(text)) return `write http://${text}, or https://${text} with TLS`;
  if (/^~(?:[\\/]|$)/.test(text))
    return "for a directory write file:/home/NAME/DIRECTORY, with the whole path";
  if (/^(?:\.{0,2}[\\/]|[A-Za-z]:[\\/]|\.{1,2}$)/.test(text)) return `for a directory write file:${text}`;
  return undefined;
}

function credentialsIn(url: URL, source: string): Credentials | undefined {
  if (url.username === "" && url.password === "") return undefined;
  if (url.username === "" || url.password === "") {
    throw createError(
      "invalid_argument",
      `${source} must give both halves of TOKEN_ID:TOKEN_SECRET@ or neither`,
    );
  }
  return tokenFrom(
    percentDecoded(url.username),
    percentDecoded(url.password),
    `the URL in ${inSentence(source)}`,
  );
}

// `URL` leaves a stray `%` as it is, which `decodeURIComponent` refuses: then it is meant literally.
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function badUrl(source: string, problem = ""): EverdictError {
  return createError(
    "invalid_argument",
    `${source} is not a URL to connect to${problem && `: ${problem}`}. Use http://HOST:PORT or https://HOST:PORT, with ` +
      "TOKEN_ID:TOKEN_SECRET@ before the host if it carries the credentials, file:DIRECTORY, redis://HOST, or memory:",
  );
}

/** As a source stands within a sentence. */
function inSentence(source: string): string {
  return source.replace(/^The /, "the ");
}
