import { InvalidError } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { parseServerUrl, parseServerUrls } from "./server-address.ts";

describe("parseServerUrl", () => {
  test.each([
    ["http://127.0.0.1:7227", "127.0.0.1", "127.0.0.1:7227", false, "http://127.0.0.1:7227"],
    ["http://dict.internal", "dict.internal", "dict.internal:80", false, "http://dict.internal:80"],
    ["https://api.modal.com", "api.modal.com", "api.modal.com:443", true, "https://api.modal.com:443"],
    ["https://host:8443/ignored/path", "host", "host:8443", true, "https://host:8443"],
    ["http://[::1]:7227", "[::1]", "[::1]:7227", false, "http://[::1]:7227"],
    ["ws://host", "host", "host:80", false, "ws://host:80"],
    ["wss://host", "host", "host:443", true, "wss://host:443"],
    ["unix:/run/everdict.sock", "localhost", "unix:/run/everdict.sock", false, undefined],
    ["unix:///run/everdict.sock", "localhost", "unix:/run/everdict.sock", false, undefined],
  ])("%s", (url, host, target, tls, sessionUrl) => {
    expect(parseServerUrl(url, "EVERDICT_URL")).toEqual({
      address: { host, target, tls, sessionUrl },
      credentials: undefined,
    });
  });

  test("takes the credentials from before the host, percent-decoded", () => {
    const { address, credentials } = parseServerUrl("http://ak-1:as%2F%40%3A2@host:1", "EVERDICT_URL");
    expect(credentials).toMatchObject({ tokenId: "ak-1", tokenSecret: "as/@:2" });
    expect(address.target).toBe("host:1");
  });

  test("takes a stray percent sign as it is", () => {
    expect(parseServerUrl("http://a:100%@host", "x").credentials?.tokenSecret).toBe("100%");
  });

  test.each([
    "ftp://host",
    "host:7227",
    "",
    "http://",
    "http://ak-1@host",
    "http://:secret-9@host",
    "redis://h",
  ])("refuses %j without showing it", (url) => {
    const error = caught(() => parseServerUrl(url, "EVERDICT_URL"));
    expect(error).toBeInstanceOf(InvalidError);
    expect(error.message).toContain("EVERDICT_URL");
    expect(error.message).not.toContain("secret-9");
  });
});

describe("parseServerUrls", () => {
  test("takes a list, and the credentials of whichever has them", () => {
    const { addresses, credentials } = parseServerUrls("https://one, http://i:s@two:81,", "MODAL_SERVER_URL");
    expect(addresses.map((each) => each.target)).toEqual(["one:443", "two:81"]);
    expect(credentials).toMatchObject({ tokenId: "i", tokenSecret: "s" });
  });

  test.each(["", " , "])("refuses the empty list %j", (text) => {
    expect(() => parseServerUrls(text, "MODAL_SERVER_URL")).toThrow("MODAL_SERVER_URL is empty");
  });
});

function caught(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
