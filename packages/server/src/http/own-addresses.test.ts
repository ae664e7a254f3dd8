import { hostname, networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { isLoopback, OwnAddresses } from "./own-addresses.ts";

const at = (host: string, publicUrl?: string) => new OwnAddresses({ host, tls: undefined, publicUrl });
const routed = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .filter(({ internal, address }) => !internal && !/^(169\.254\.|fe80:)/i.test(address))
  .map(({ address, family }) => (family === "IPv6" ? `[${address}]` : address));

describe("the address that clients get", () => {
  test.each([
    ["127.0.0.1", "http://127.0.0.1:7227"],
    ["::1", "http://[::1]:7227"],
    ["[::1]", "http://[::1]:7227"],
    ["localhost", "http://localhost:7227"],
    ["db.internal", "http://db.internal:7227"],
  ])("of %s is itself", (host, url) => {
    expect(at(host).url(7227)).toBe(url);
  });

  test.each(["0.0.0.0", "::", "0", "", "0:0:0:0:0:0:0:0", "::ffff:0.0.0.0"])(
    "of '%s' is one of the machine",
    (host) => {
      const shown = new URL(at(host).url(7227)).hostname;
      expect(routed.length === 0 ? ["127.0.0.1"] : routed).toContain(shown);
    },
  );

  test("is the public URL where there is one", () => {
    expect(at("0.0.0.0", "https://dicts.example.com").url(7227)).toBe("https://dicts.example.com");
  });
});

test.each([
  "localhost:1",
  "127.0.0.1",
  "127.9.9.9:80",
  "[::1]:7227",
  hostname(),
  "db.internal",
  "DB.internal:1",
  ...routed,
])("a request may name %s", (host) => {
  expect(at("db.internal").urlOf(host)).toBe(`http://${host}`);
});

test.each([
  undefined,
  "",
  "evil.example",
  "db.internal.evil.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "evil.example/localhost",
  "u@localhost",
  "localhost:port",
  "localhost:123456",
  "8.8.8.8",
  "[2001:db8::1]:80",
  '"><script>',
  "x".repeat(1_000_000),
])("a request may not name %s", (host) => {
  expect(at("db.internal").urlOf(host)).toBeUndefined();
});

test("only this machine reaches these", () => {
  for (const host of ["localhost", "127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"])
    expect(isLoopback(host)).toBe(true);
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "127.evil.example", "localhost.example"])
    expect(isLoopback(host)).toBe(false);
});
