/**
 * Why a connection could not be made, in words: what happened, what is likely wrong, what to do next.
 *
 * Sockets, TLS, WebSockets and gRPC report it each in its own way, some by a code, some by text alone. So this looks at
 * all of it together. An error that cannot pass by itself gets a code that is never repeated.
 */

import { createError, type ErrorCode, type EverdictError } from "@everdict/protocol";

/** What was tried. */
export interface TriedPlace {
  /** `SCHEME://HOST:PORT`, or `unix:PATH`. Never with credentials. */
  readonly url: string;
  /** What said so. */
  readonly source?: string | undefined;
}

interface Cause {
  readonly signs: RegExp;
  readonly code: ErrorCode;
  /** What happened; `said` is what was recognised. */
  readonly words: (at: string, said: RegExpExecArray) => string;
  readonly advice: (url: string, said: string) => string;
}

const caAdvice =
  "If its authority is your own, give its certificate: the `ca` option, --ca FILE, or NODE_EXTRA_CA_CERTS=FILE (see docs/tls.md)";

/** The first whose signs are there is meant: those that say more come first. */
const causes: readonly Cause[] = [
  {
    signs: /wrong version number|packet length too long|WRONG_VERSION_NUMBER|record layer failure/i,
    code: "not_configured",
    words: (at) => `${at} does not speak TLS`,
    advice: (url) => `Write ${withScheme(url, false)}, or give the server a certificate`,
  },
  {
    signs: /CERT_HAS_EXPIRED|certificate has expired/i,
    code: "not_configured",
    words: (at) => `the certificate of ${at} has expired`,
    advice: () => "Renew it on the server; if it is valid, the clock of this machine is wrong",
  },
  {
    signs: /CERT_NOT_YET_VALID|certificate is not yet valid/i,
    code: "not_configured",
    words: (at) => `the certificate of ${at} is not valid yet`,
    advice: () => "Compare the clocks of the server and of this machine",
  },
  {
    signs: /ALTNAME_INVALID|does not match certificate/i,
    code: "not_configured",
    words: (at, { input }) => {
      const names = /is not in the cert's (?:altnames|list): (\S.*)/.exec(input)?.[1];
      return `the certificate of ${at} is for other names${names ? `: ${names}` : ""}`;
    },
    advice: () => "Use one of its names in the URL, or give the server a certificate for this one",
  },
  {
    signs:
      /self[- ]signed|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|unable to (?:verify the first|get (?:local )?issuer)/i,
    code: "not_configured",
    words: (at) => `the certificate of ${at} is signed by nobody that this process trusts`,
    advice: () => caAdvice,
  },
  {
    signs: /serves no sessions|Protocol error|HTTP\/1\.1|HTTP status|Parse Error/i,
    code: "unimplemented",
    words: (at, { input }) =>
      `${at} is no Everdict server: ${/serves no sessions: (.*)/.exec(input)?.[1] ?? "it speaks another protocol"}`,
    advice: (_, said) =>
      /speaks Redis/.test(said)
        ? "To keep data in Redis itself, write redis://HOST:PORT"
        : "Compare the address and the port with what `everdict serve` printed",
  },
  {
    signs: /answered HTTP (\d+)/,
    code: "unavailable",
    words: (at, [, status]) => `${at} answered HTTP ${status}`,
    advice: () => "If a proxy stands there, is the server behind it running?",
  },
  {
    signs: /ECONNREFUSED/,
    code: "unavailable",
    words: (at) => `nobody listens at ${at} (connection refused)`,
    advice: () => "Is the server running, and is this its port? `everdict serve` starts one",
  },
  {
    signs: /ENOTFOUND|Name resolution failed/,
    code: "unavailable",
    words: (at) => `the host of ${at} has no address`,
    advice: () => "Is its name spelt right, and known on this machine?",
  },
  {
    signs: /EAI_AGAIN/,
    code: "unavailable",
    words: (at) => `the host of ${at} cannot be looked up now`,
    advice: () => "Does this machine reach its name server?",
  },
  {
    signs: /EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL/,
    code: "unavailable",
    words: (at) => `there is no way to ${at}`,
    advice: () => "Is this machine in the right network?",
  },
  {
    signs: /connect ENOENT/,
    code: "unavailable",
    words: (at) => `there is no socket at ${at}`,
    advice: () => "Is the server running, and is this its socket?",
  },
  {
    signs: /(?:no connection|not accept the session) within (\d+) ms|ETIMEDOUT|before there was a connection/,
    code: "unavailable",
    words: (at, [, ms]) => `${at} did not answer${ms ? ` within ${ms} ms` : ""}`,
    advice: () =>
      "Is it the right address and port, does a firewall drop what is sent, does the server hang?",
  },
  {
    signs: /ECONNRESET|EPIPE|hang up|was closed|was lost|Failed to connect|disconnected|could not be opened/i,
    code: "unavailable",
    words: (at) => `${at} took the connection and closed it without an answer`,
    advice: (url) =>
      isTls(url)
        ? "Is it the right port?"
        : `If it speaks TLS, write ${withScheme(url, true)}; else, is it the right port?`,
  },
];

/** The error of a connection that could not be made; what is not about one, or is not known, is returned as it is. */
export function connectionTrouble(error: EverdictError, { url, source }: TriedPlace): EverdictError {
  if (!connectionCodes.has(error.code)) return error;
  const said = spoken(error);
  // Who reads the message sees the option in the program.
  const at = source === undefined || source === "The url option" ? url : `${url} (${lowerThe(source)})`;
  for (const { signs, code, words, advice } of causes) {
    const sign = signs.exec(said);
    if (sign === null) continue;
    const { retryAfterMs } = error;
    const text = `${words(at, sign)}. ${advice(url, said)}`;
    if (error.code === "deadline_exceeded")
      return createError(error.code, `${error.message}: ${text}`, { cause: error });
    return createError(code, text, { cause: error, retryAfterMs });
  }
  return error;
}

const connectionCodes: ReadonlySet<ErrorCode> = new Set([
  "unavailable",
  "unimplemented",
  "deadline_exceeded",
  "internal",
  "unknown",
]);

/** All that is said of it, from the outside to the inside. */
function spoken(error: unknown): string {
  const parts: string[] = [];
  for (let each = error, depth = 0; each !== undefined && each !== null && depth < 6; depth++) {
    const { code, message, cause, errors } = each as {
      code?: unknown;
      message?: unknown;
      cause?: unknown;
      errors?: readonly unknown[];
    };
    parts.push(`${code} ${message}`);
    each = cause ?? errors?.[0];
  }
  return parts.join("\n");
}

function lowerThe(source: string): string {
  return source.replace(/^The /, "the ");
}

function isTls(url: string): boolean {
  return /^(?:https|wss):/.test(url);
}

/** The same place by the scheme with TLS, or without. */
function withScheme(url: string, tls: boolean): string {
  const scheme = /^wss?:/.test(url) ? "ws" : "http";
  return `${scheme}${tls ? "s" : ""}${url.slice(url.indexOf(":"))}`;
}
