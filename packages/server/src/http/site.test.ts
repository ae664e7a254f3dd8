import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Health } from "../health.ts";
import { answerPage, type PageHost } from "./page.ts";
import type { PageRequest } from "./page-exchange.ts";
import { prepareSite } from "./site.ts";

const page = "<!doctype html><title>Everdict</title>".repeat(20);
const bytesOf = (text: string) => new TextEncoder().encode(text);
const site = prepareSite(
  new Map([
    ["index.html", { contentType: "text/html; charset=utf-8", bytes: bytesOf(page), isImmutable: false }],
    ["assets/a-1.js", { contentType: "text/javascript", bytes: bytesOf("run()"), isImmutable: true }],
  ]),
);
const host: PageHost = { health: new Health(), url: () => "http://127.0.0.1", urlOf: () => undefined, site };
const ask = (request: Partial<PageRequest>) =>
  answerPage({ method: "GET", target: "/", host: undefined, ...request }, host);

test("the page is at / and is asked for again each time, its assets are kept for good", () => {
  const answer = ask({ target: "/?from=there" });
  expect(answer).toMatchObject({ status: 200, headers: { "cache-control": "no-cache" } });
  expect(Buffer.from(answer.body).toString()).toBe(page);
  const asset = ask({ target: "/assets/a-1.js" });
  expect(asset).toMatchObject({ status: 200, headers: { "content-type": "text/javascript" } });
  expect(asset.headers["cache-control"]).toContain("immutable");
});

test("who takes gzip gets it, under a tag of its own, unless it would be larger", () => {
  const zipped = ask({ acceptEncoding: "br, gzip;q=0.8" });
  expect(zipped.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
  expect(gunzipSync(zipped.body as Uint8Array).toString()).toBe(page);
  expect(zipped.headers.etag).not.toBe(ask({}).headers.etag);
  for (const acceptEncoding of ["br", "gzip;q=0", "gzip; q=0.00", ""]) {
    expect(ask({ acceptEncoding }).headers["content-encoding"]).toBeUndefined();
  }
  expect(
    ask({ target: "/assets/a-1.js", acceptEncoding: "gzip" }).headers["content-encoding"],
  ).toBeUndefined();
});

test("what the client has is not sent again", () => {
  const { etag } = ask({}).headers;
  for (const ifNoneMatch of [etag!, `"other", W/${etag}`, "*"]) {
    const answer = ask({ ifNoneMatch });
    expect([answer.status, answer.body]).toEqual([304, ""]);
    expect(answer.headers.etag).toBe(etag);
  }
  expect(ask({ ifNoneMatch: '"other"' }).status).toBe(200);
});

test("no code in the page, nothing from elsewhere, no frame", () => {
  const headers = ask({}).headers;
  const policy = headers["content-security-policy"]!;
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
  expect(headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
  });
});

test.each(["/index.html", "/assets/", "/assets/../assets/a-1.js", "/assets/a-2.js", "//", ""])(
  "%j is no file of the site",
  (target) => {
    expect(ask({ target }).status).toBe(404);
  },
);

test("health and readiness stay, and a file is only read", () => {
  expect(ask({ target: "/healthz" }).status).toBe(200);
  expect(ask({ target: "/readyz" }).status).toBe(200);
  expect(ask({ target: "/assets/a-1.js", method: "POST" }).status).toBe(405);
});
