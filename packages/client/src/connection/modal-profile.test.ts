import { describe, expect, test } from "vitest";
import { selectProfile } from "./modal-profile.ts";

const file = (content: Record<string, unknown>) => ({ path: "/home/someone/.modal.toml", content });
const token = { token_id: "ak-1", token_secret: "as-1" };

describe("which profile applies", () => {
  test.each<[string, Record<string, unknown> | undefined, string | undefined, string, boolean]>([
    ["no file at all", undefined, undefined, "default", false],
    ["an empty file", {}, undefined, "default", false],
    ["the one asked for", { a: token, b: { ...token, active: true } }, "a", "a", true],
    ["the active one", { a: token, b: { ...token, active: true } }, undefined, "b", true],
    ["an empty wish counts as none", { a: token, b: { ...token, active: true } }, "", "b", true],
    ["default, where nothing is active", { default: token }, undefined, "default", true],
    ["a single inactive profile is not taken", { work: token }, undefined, "default", false],
    ["one asked for that is not there", { a: { ...token, active: true } }, "nope", "nope", false],
    ["the string 'true' is not true", { work: { ...token, active: "true" } }, undefined, "default", false],
    ["the number 1 is not true", { work: { ...token, active: 1 } }, undefined, "default", false],
    ["one asked for among several inactive ones", { a: token, b: token }, "b", "b", true],
  ])("%s", (_title, content, wanted, name, found) => {
    const selected = selectProfile(content && file(content), wanted);
    expect([selected.name, selected.found]).toEqual([name, found]);
  });

  test("its settings are read, numbers as text", () => {
    const work = {
      ...token,
      server_url: "http://h:1",
      environment: "dev",
      max_throttle_wait: 20,
      active: true,
    };
    expect(selectProfile(file({ work }), undefined).settings).toEqual({
      tokenId: "ak-1",
      tokenSecret: "as-1",
      serverUrl: "http://h:1",
      environment: "dev",
      maxThrottleWait: "20",
    });
  });
});

describe("a file that cannot be used", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["two active profiles", { a: { active: true }, b: { active: true } }, "2 profiles are active: a, b"],
    ["several, none active", { a: token, b: token }, "no profile is active"],
    ["several with a default, none active", { default: token, b: token }, "no profile is active"],
    ["a setting at the top level", { token_id: "ak-1" }, "one table per profile"],
    ["a list at the top level", { profiles: [] }, "one table per profile"],
  ])("%s", (_title, content, message) => {
    const select = () => selectProfile(file(content), undefined);
    expect(select).toThrow(message);
    expect(select).toThrow("/home/someone/.modal.toml");
    expect(select).toThrow(expect.objectContaining({ code: "not_configured" }));
  });

  test("two active profiles are an error even if one is asked for", () => {
    const both = file({ a: { active: true }, b: { active: true } });
    expect(() => selectProfile(both, "a")).toThrow("2 profiles are active");
  });
});
