// Where the data of a `file:` URL lies, and which URLs are refused since it would lie elsewhere than meant.
import { describe, expect, test } from "vitest";
import { resolveTarget } from "./resolve-target.ts";

async function resolve(url: string) {
  const around = { env: (name: string) => (name === "EVERDICT_URL" ? url : undefined) };
  const { target } = await resolveTarget({}, { ...around, readProfileFile: async () => undefined });
  return target;
}

describe("is the directory", () => {
  test.each([
    ["file:data", "data"],
    ["file:./data", "./data"],
    ["file:../data", "../data"],
    ["file:.", "."],
    ["file:/var/lib/data", "/var/lib/data"],
    ["file:a b", "a b"],
    ["file:/var/lib/100%", "/var/lib/100%"],
    ["file:a%20b", "a%20b"],
    ["file:a?b#c", "a?b#c"],
    ["file:~data", "~data"],
    ["file:./~/data", "./~/data"],
    ["file:C:\\data", "C:\\data"],
    ["file:\\\\server\\share", "\\\\server\\share"],
    ["file:///var/lib/data", "/var/lib/data"],
    ["file:///var/lib/a%20b", "/var/lib/a b"],
    ["file:///var/lib/100%25", "/var/lib/100%"],
    ["file:///C:/data", "C:/data"],
    ["file://localhost/var/lib/data", "/var/lib/data"],
    ["FILE:./data", "./data"],
    ["file:./data\r", "./data"],
    ["file:./data\n", "./data"],
    [" file:./data ", "./data"],
    ["file:./ä/日本", "./ä/日本"],
  ])("%j: %j", async (url, directory) => {
    expect(await resolve(url)).toEqual({ kind: "file", directory });
  });
});

describe("is refused with what to write instead", () => {
  test.each<[string, RegExp]>([
    ["file:", /must name a directory: file:DIRECTORY/],
    ["file://", /must name a directory/],
    ["file:///", /names the root of a disk/],
    ["file:/", /names the root of a disk/],
    ["file:///C:/", /names the root of a disk/],
    ["file://localhost", /must name a directory/],
    ["file://data/db", /names 'data' as the host.*Write file:\.\/data\/db .*file:\/\/\/data\/db /],
    ["file://data", /names 'data' as the host.*Write file:\.\/data /],
    ["file://./data", /names '\.' as the host.*Write file:\.\/data /],
    ["file://../data", /names '\.\.' as the host.*Write file:\.\.\/data /],
    ["file://~/data", /names '~' as the host.*whole path/],
    ["file:~/data", /begins with ~.*whole path/],
    ["file:~", /begins with ~/],
    ["file://C:/data", /lacks a slash\. Write file:\/\/\/C:\/data/],
    ["file://C:\\data", /lacks a slash/],
    ["file://a%20b", /names 'a%20b' as the host/],
    ["file:///100%", /Write file:\/100% for the path as it is, or %25/],
    ["file:///a%00b", /control character/],
    ["file:///data?x=1", /has a \? or #/],
    ["file: ./data", /spaces around its path\. Write file:\.\/data/],
    ["file:./da\rta", /control character \(U\+000D, character 10\)/],
    ["file:./da\u0000ta", /control character \(U\+0000/],
  ])("%j", async (url, message) => {
    await expect(resolve(url)).rejects.toThrow(message);
    await expect(resolve(url)).rejects.toMatchObject({ name: "InvalidError", code: "invalid_argument" });
    await expect(resolve(url)).rejects.toThrow("EVERDICT_URL");
  });
});

describe("something else than a URL is told what to write", () => {
  test.each<[string, RegExp]>([
    ["./data", /for a directory write file:\.\/data/],
    ["/var/lib/data", /for a directory write file:\/var\/lib\/data/],
    ["C:\\data", /for a directory write file:C:\\data/],
    ["~/data", /whole path/],
    ["localhost:7227", /write http:\/\/localhost:7227/],
    ["127.0.0.1:7227", /write http:\/\/127\.0\.0\.1:7227/],
    ["[::1]:7227", /write http:\/\/\[::1\]:7227/],
    ['"http://127.0.0.1:7227"', /quotation marks/],
    ["grpc://127.0.0.1:7227", /there is no scheme 'grpc:'.*http:\/\/HOST:PORT/],
    ["data", /file:DIRECTORY/],
    ["http://", /http:\/\/HOST:PORT/],
    ["http://127.0.0.1:72270", /http:\/\/HOST:PORT/],
  ])("%j", async (url, message) => {
    await expect(resolve(url)).rejects.toThrow(message);
    await expect(resolve(url)).rejects.toMatchObject({ code: "invalid_argument" });
  });

  test("and never shown a secret", async () => {
    const refusal = resolve("ak-1:as-secret@localhost:7227").catch((error: Error) => error.message);
    expect(await refusal).not.toContain("as-secret");
  });
});
