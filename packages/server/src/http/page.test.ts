import { describe, expect, test } from "vitest";
import { Health } from "../health.ts";
import { answerPage, type PageHost } from "./page.ts";
import type { PageRequest } from "./page-exchange.ts";

const host: PageHost = {
  health: new Health(),
  url: () => "http://127.0.0.1:7227",
  urlOf: (hostHeader) => (hostHeader === "example.org:7227" ? `http://${hostHeader}` : undefined),
};
const ask = (request: Partial<PageRequest>, pages: PageHost = host) =>
  answerPage({ method: "GET", target: "/", host: "example.org:7227", ...request }, pages);

test("/healthz is alive", () => {
  expect(ask({ target: "/healthz" })).toMatchObject({ status: 200, body: "ok\n" });
});

test("/readyz says what was reported: which parts are not well, and whether the server is of use", () => {
  const health = new Health();
  const ready = () => ask({ target: "/readyz?verbose=1" }, { ...host, health });
  expect(ready()).toMatchObject({ status: 200, body: "ready\n" });
  health.report("store", { state: "degraded", reason: "the disk is full" });
  expect(ready()).toMatchObject({ status: 200, body: "ready\nstore degraded: the disk is full\n" });
  health.report("tokens", { state: "failed", reason: "the file cannot be read" });
  const lines = "not ready\nstore degraded: the disk is full\ntokens failed: the file cannot be read\n";
  expect(ready()).toMatchObject({ status: 503, body: lines });
  health.report("store", undefined);
  health.report("tokens", undefined);
  expect(ready()).toMatchObject({ status: 200, body: "ready\n" });
});

describe("the page at / without a site", () => {
  test("says what this is and how to connect, at the address that was used", () => {
    const { status, headers, body } = ask({});
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(body).toContain("MODAL_SERVER_URL=http://example.org:7227");
    expect(body).toContain("EVERDICT_URL=http://example.org:7227");
  });

  test.each(['"><script>', "a b", "x".repeat(300), "evil.example", undefined])(
    "never repeats a foreign host, like %s",
    (spoofed) => {
      const { body } = ask({ host: spoofed });
      expect(body).toContain("MODAL_SERVER_URL=http://127.0.0.1:7227");
      expect(body).not.toContain("<script>");
    },
  );

  test("runs no scripts and may not be framed", () => {
    const { headers, body } = ask({});
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(body).not.toContain("<script");
  });
});

test("everything else is not found, whatever the method", () => {
  for (const target of ["/x", "/healthz/", "//", "", "/../etc"]) {
    expect(ask({ target })).toMatchObject({ status: 404 });
  }
  expect(ask({ target: "/x", method: "POST" })).toMatchObject({ status: 404 });
});

test.each(["POST", "PUT", "DELETE", "OPTIONS", "BREW"])("%s is not allowed", (method) => {
  const { status, headers } = ask({ target: "/healthz", method });
  expect(status).toBe(405);
  expect(headers.allow).toBe("GET, HEAD");
});
