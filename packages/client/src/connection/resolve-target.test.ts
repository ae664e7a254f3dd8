import { describe, expect, test } from "vitest";
import { type ResolvedTarget, resolveTarget, type TargetOptions } from "./resolve-target.ts";

interface Case {
  readonly options?: TargetOptions;
  readonly env?: Record<string, string>;
  readonly profiles?: Record<string, unknown>;
}

function resolve({ options = {}, env = {}, profiles }: Case): Promise<ResolvedTarget> {
  return resolveTarget(options, {
    env: (name) => env[name],
    readProfileFile: async () => profiles && { path: "~/.modal.toml", content: profiles },
  });
}

function server(resolved: ResolvedTarget) {
  if (resolved.target.kind !== "server") throw new Error(`a ${resolved.target.kind} target`);
  const { addresses, credentials } = resolved.target;
  const token = credentials && `${credentials.tokenId}:${credentials.tokenSecret}`;
  return { targets: addresses.map((each) => each.target), token, environment: resolved.environment };
}

const cloud = ["api.modal.com:443", "api.modal2.com:443"];
const modalToken = { MODAL_TOKEN_ID: "ak-m", MODAL_TOKEN_SECRET: "as-m" };
const everdictToken = { EVERDICT_TOKEN_ID: "ak-e", EVERDICT_TOKEN_SECRET: "as-e" };
const work = { token_id: "ak-p", token_secret: "as-p", environment: "staging", active: true };

describe("an engine in this process", () => {
  test.each([
    ["memory:", { kind: "memory", name: "" }],
    ["memory:scratch", { kind: "memory", name: "scratch" }],
    ["memory://scratch", { kind: "memory", name: "scratch" }],
    ["file:./data", { kind: "file", directory: "./data" }],
    ["redis://a,b:7000?prefix=x:", { kind: "redis", url: "redis://a,b:7000?prefix=x:" }],
    ["rediss://:secret@a", { kind: "redis", url: "rediss://:secret@a" }],
    ["file:/var/lib/100%", { kind: "file", directory: "/var/lib/100%" }],
    ["file:///var/lib/a%20b", { kind: "file", directory: "/var/lib/a b" }],
    ["file:///C:/data", { kind: "file", directory: "C:/data" }],
  ])("%s", async (url, target) => {
    expect(await resolve({ options: { url } })).toEqual({ target, environment: "" });
    expect(await resolve({ env: { EVERDICT_URL: url, ...modalToken } })).toEqual({ target, environment: "" });
  });

  test("needs a directory", async () => {
    await expect(resolve({ env: { EVERDICT_URL: "file:" } })).rejects.toThrow(
      "EVERDICT_URL must name a directory",
    );
  });
});

describe("which server", () => {
  test.each<[string, Case, string[], string | undefined]>([
    [
      "the option before everything",
      {
        options: { url: "http://one:1" },
        env: { EVERDICT_URL: "http://two:2", MODAL_SERVER_URL: "http://three:3" },
      },
      ["one:1"],
      undefined,
    ],
    [
      "EVERDICT_URL before Modal's settings",
      { env: { EVERDICT_URL: "http://i:s@two:2", MODAL_SERVER_URL: "http://three:3", ...modalToken } },
      ["two:2"],
      "i:s",
    ],
    [
      "an empty EVERDICT_URL counts as absent",
      { env: { EVERDICT_URL: "", ...modalToken } },
      cloud,
      "ak-m:as-m",
    ],
    ["Modal's cloud for credentials alone", { env: modalToken }, cloud, "ak-m:as-m"],
    ["MODAL_SERVER_URL", { env: { MODAL_SERVER_URL: "http://x:1", ...modalToken } }, ["x:1"], "ak-m:as-m"],
    ["the profile", { profiles: { work } }, cloud, "ak-p:as-p"],
    [
      "the profile's server",
      { profiles: { work: { ...work, server_url: "http://p:5" } } },
      ["p:5"],
      "ak-p:as-p",
    ],
    [
      "a variable before the profile, each by itself",
      { env: { MODAL_TOKEN_ID: "ak-m" }, profiles: { work } },
      cloud,
      "ak-m:as-p",
    ],
    [
      "MODAL_PROFILE before the active one",
      {
        env: { MODAL_PROFILE: "home" },
        profiles: { work, home: { token_id: "ak-h", token_secret: "as-h" } },
      },
      cloud,
      "ak-h:as-h",
    ],
    [
      "the profile option before MODAL_PROFILE",
      {
        options: { profile: "home" },
        env: { MODAL_PROFILE: "work" },
        profiles: { work, home: { token_id: "ak-h", token_secret: "as-h" } },
      },
      cloud,
      "ak-h:as-h",
    ],
  ])("%s", async (_title, what, targets, token) => {
    expect(server(await resolve(what))).toMatchObject({ targets, token });
  });

  test("an empty MODAL_SERVER_URL is present, hence an error, as in Python", async () => {
    await expect(resolve({ env: { MODAL_SERVER_URL: "", ...modalToken } })).rejects.toThrow("is empty");
  });
});

describe("which credentials go to a server of one's own", () => {
  const url = "http://host:1";
  test.each<[string, Case, string | undefined]>([
    [
      "the options first",
      { options: { url: "http://i:s@host:1", tokenId: "ak-o", tokenSecret: "as-o" }, env: everdictToken },
      "ak-o:as-o",
    ],
    [
      "then the URL",
      { options: { url: "http://i:s@host:1" }, env: { ...everdictToken, ...modalToken } },
      "i:s",
    ],
    ["then EVERDICT_TOKEN_*", { options: { url }, env: { ...everdictToken, ...modalToken } }, "ak-e:as-e"],
    ["then MODAL_TOKEN_*", { options: { url }, env: modalToken }, "ak-m:as-m"],
    ["never the profile by itself", { options: { url }, profiles: { work } }, undefined],
    [
      "the profile where it is asked for",
      { options: { url, profile: "work" }, profiles: { work } },
      "ak-p:as-p",
    ],
  ])("%s", async (_title, what, token) => {
    expect(server(await resolve(what)).token).toBe(token);
  });

  test("half a token is an error", async () => {
    const half = resolve({ options: { url }, env: { EVERDICT_TOKEN_ID: "ak-e", ...modalToken } });
    await expect(half).rejects.toMatchObject({ code: "unauthenticated" });
  });
});

describe("which environment", () => {
  const url = "memory:";
  const both = { EVERDICT_ENVIRONMENT: "e", MODAL_ENVIRONMENT: "m" };
  test.each<[string, Case, string]>([
    ["the option", { options: { url, environment: "o" }, env: both }, "o"],
    ["EVERDICT_ENVIRONMENT", { options: { url }, env: both }, "e"],
    ["MODAL_ENVIRONMENT", { options: { url }, env: { MODAL_ENVIRONMENT: "m" } }, "m"],
    ["the server's default", { options: { url }, profiles: { work } }, ""],
    ["for Modal: the option", { options: { environment: "o" }, env: both, profiles: { work } }, "o"],
    ["for Modal: the variable", { env: { MODAL_ENVIRONMENT: "m" }, profiles: { work } }, "m"],
    ["for Modal: the variable, even if empty", { env: { MODAL_ENVIRONMENT: "" }, profiles: { work } }, ""],
    ["for Modal: the profile", { profiles: { work } }, "staging"],
  ])("%s", async (_title, what, environment) => {
    expect((await resolve(what)).environment).toBe(environment);
  });
});

describe("when it cannot be decided", () => {
  test("nothing at all: the error names the three ways", async () => {
    const nothing = resolve({});
    await expect(nothing).rejects.toMatchObject({ code: "not_configured" });
    await expect(nothing).rejects.toThrow(/everdict serve.*file:.*memory:.*MODAL_TOKEN_ID.*\.modal\.toml/s);
  });

  test.each<[string, Case, RegExp]>([
    ["a server without a token", { env: { MODAL_SERVER_URL: "http://x" } }, /no MODAL_TOKEN_ID/],
    ["an id without a secret", { env: { MODAL_TOKEN_ID: "ak-m" } }, /no MODAL_TOKEN_SECRET/],
    [
      "a variable that empties the profile's",
      { env: { MODAL_TOKEN_SECRET: "" }, profiles: { work } },
      /no MODAL_TOKEN_SECRET/,
    ],
    [
      "a profile that is not there",
      { env: { MODAL_PROFILE: "nope" }, profiles: { work } },
      /no Modal profile 'nope'/,
    ],
    [
      "a server and a profile that is not there",
      { env: { MODAL_PROFILE: "nope", MODAL_SERVER_URL: "http://x" } },
      /There is no profile 'nope'/,
    ],
  ])("%s", async (_title, what, message) => {
    await expect(resolve(what)).rejects.toThrow(message);
    await expect(resolve(what)).rejects.toMatchObject({ code: "unauthenticated" });
  });
});

describe("MODAL_MAX_THROTTLE_WAIT", () => {
  const limit = async (env: Record<string, string>, profiles?: Record<string, unknown>) => {
    const { target } = await resolve({ env: { ...modalToken, ...env }, ...(profiles && { profiles }) });
    return target.kind === "server" ? target.maxThrottleWaitMs : "not a server";
  };

  test("is in whole seconds; unset and empty mean no limit; 0 means never", async () => {
    expect(await limit({})).toBeUndefined();
    expect(await limit({ MODAL_MAX_THROTTLE_WAIT: "" })).toBeUndefined();
    expect(await limit({ MODAL_MAX_THROTTLE_WAIT: "0" })).toBe(0);
    expect(await limit({ MODAL_MAX_THROTTLE_WAIT: "15" })).toBe(15_000);
    expect(await limit({}, { work: { ...work, max_throttle_wait: 3 } })).toBe(3000);
    await expect(limit({ MODAL_MAX_THROTTLE_WAIT: "1.5" })).rejects.toThrow("whole number of seconds");
  });
});
