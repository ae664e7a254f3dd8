import { describe, expect, test } from "vitest";
import { answerPage, type PageHost, type PageRequest } from "./page.ts";

const host: PageHost = { isReady: async () => true, url: () => "http://127.0.0.1:7227" };
const ask = (request: Partial<PageRequest>, pages: PageHost = host) =>
  answerPage({ method: "GET", target: "/", host: "example.org:7227", scheme: "http", ...request }, pages);

test("/healthz is alive", async () => {
  expect(await ask({ target: "/healthz" })).toMatchObject({ status: 200, body: "ok\n" });
});

test("/readyz follows readiness", async () => {
  expect(await ask({ target: "/readyz" })).toMatchObject({ status: 200 });
  const unready = { ...host, isReady: async () => false };
  expect(await ask({ target: "/readyz?verbose=1" }, unready)).toMatchObject({ status: 503 });
});

describe("the page at /", () => {
  test("says what this is and how to connect, at the address that was used", async () => {
    const { status, headers, body } = await ask({});
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(body).toContain("MODAL_SERVER_URL=http://example.org:7227");
    expect(body).toContain("EVERDICT_URL=http://example.org:7227");
  });

  test.each(['"><script>', "a b", "x".repeat(300), undefined])(
    "never repeats a host like %s",
    async (spoofed) => {
      const { body } = await ask({ host: spoofed });
      expect(body).toContain("MODAL_SERVER_URL=http://127.0.0.1:7227");
      expect(body).not.toContain("<script>");
    },
  );

  test("runs no scripts and may not be framed", async () => {
    const { headers, body } = await ask({});
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(body).not.toContain("<script");
  });
});

test("everything else is not found, whatever the method", async () => {
  for (const target of ["/x", "/healthz/", "//", "", "/../etc"]) {
    expect(await ask({ target })).toMatchObject({ status: 404 });
  }
  expect(await ask({ target: "/x", method: "POST" })).toMatchObject({ status: 404 });
});

test.each(["POST", "PUT", "DELETE", "OPTIONS", "BREW"])("%s is not allowed", async (method) => {
  const { status, headers } = await ask({ target: "/healthz", method });
  expect(status).toBe(405);
  expect(headers.allow).toBe("GET, HEAD");
});
