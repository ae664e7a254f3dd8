import type { Health } from "../health.ts";
import { connectPage } from "./connect-page.ts";
import type { PageRequest, PageResponse } from "./page-exchange.ts";
import { answerFile, type PreparedSite } from "./site.ts";

/** What the pages show of the server. */
export interface PageHost {
  /** The state of the server as it was last reported. Asking costs nothing. */
  readonly health: Pick<Health, "isReady" | "problems">;
  /** The address of the server. */
  readonly url: () => string;
  /** The address by which a request came, if it is one of this server. */
  readonly urlOf: (hostHeader: string | undefined) => string | undefined;
  /** Absent: the page at `/` says how to connect, and there are no files. */
  readonly site?: PreparedSite | undefined;
}

const security = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "cache-control": "no-store",
};

/** Answers a request that is not gRPC: health, readiness, the files of the site, or a page that says what this is. */
export function answerPage(request: PageRequest, host: PageHost): PageResponse {
  const path = request.target.replace(/[?#].*$/s, "");
  const answer = answerOf(path, request, host);
  if (answer === undefined) return plainText(404, "not found\n");
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plainText(405, "only GET and HEAD\n", { allow: "GET, HEAD" });
  }
  return answer;
}

function answerOf(path: string, request: PageRequest, host: PageHost): PageResponse | undefined {
  if (path === "/healthz") return plainText(200, "ok\n");
  if (path === "/readyz") return readiness(host.health);
  if (host.site !== undefined && path.startsWith("/")) return answerFile(host.site, path, request);
  if (path !== "/") return undefined;
  const body = connectPage(host.urlOf(request.host) ?? host.url());
  return { status: 200, headers: { ...security, "content-type": "text/html; charset=utf-8" }, body };
}

/** One line says whether calls are answered, and one more for each part that is not well. */
function readiness({ isReady, problems }: PageHost["health"]): PageResponse {
  const lines = Array.from(problems, ([part, { state, reason }]) => `${part} ${state}: ${reason}\n`);
  const body = `${isReady ? "ready" : "not ready"}\n${lines.join("")}`;
  return plainText(isReady ? 200 : 503, body);
}

/** A short answer in plain text. */
export function plainText(status: number, body: string, headers: Record<string, string> = {}): PageResponse {
  return { status, headers: { ...security, "content-type": "text/plain; charset=utf-8", ...headers }, body };
}
