import { Dict } from "everdict";
import { expect } from "vitest";
import type { InteropCase } from "../interop-case.ts";

/** Identity: ids, names, info, ephemeral dicts, and handles as values. */
export const handleCases: readonly InteropCase[] = [
  {
    name: "a handle is lazy: an absent dict is noticed at the first use",
    python: `
lazy = modal.Dict.from_name(name + "-absent")
lazy.get("a")`,
    raises: { newest: "NotFoundError", "v1.0": "NotFoundError", "v0.74": "NotFoundError" },
    message: /Dict '.*-absent' not found in environment 'main'/,
    typescript: async ({ client, name }) => {
      const absent = Dict.fromName(`${name}-absent`, { client });
      await expect(absent.get("a")).rejects.toMatchObject({ name: "NotFoundError", code: "dict_not_found" });
    },
  },
  {
    name: "from_name(create_if_missing=True) creates the dict, once",
    python: `
created = modal.Dict.from_name(name + "-new", create_if_missing=True)
created["a"] = 1
again = modal.Dict.from_name(name + "-new", create_if_missing=True)
again["a"]`,
    result: "1",
    typescript: async ({ client, name }) => {
      expect(await Dict.fromName(`${name}-new`, { client }).get("a")).toBe(1);
    },
  },
  {
    name: "both sides see the same id",
    python: `d.hydrate().object_id`,
    result: /^'di-[0-9A-Za-z]{22}'$/,
    typescript: async ({ dict, python }) => {
      await dict.hydrate();
      expect(await python("d.object_id")).toBe(`'${dict.objectId}'`);
    },
  },
  {
    name: "hydrate finds an existing dict and refuses an absent one",
    python: `
d.hydrate()
missing = modal.Dict.from_name(name + "-absent")
missing.hydrate()`,
    raises: "NotFoundError",
    typescript: async ({ client, name }) => {
      await expect(Dict.fromName(`${name}-absent`, { client }).hydrate()).rejects.toMatchObject({
        code: "dict_not_found",
      });
    },
  },
  {
    name: "from_id reaches a named dict",
    from: "newest",
    given: [["a", 1]],
    python: `
same_dict = modal.Dict.from_id(d.hydrate().object_id)
same_dict["b"] = 2
(same_dict["a"], same_dict.name == name, d["b"])`,
    result: "(1, True, 2)",
    holds: [
      ["a", 1],
      ["b", 2],
    ],
    typescript: async ({ client, dict }) => {
      await dict.hydrate();
      expect(await Dict.fromId(dict.objectId, { client }).get("b")).toBe(2);
    },
  },
  {
    name: "from_id of an unknown id is not found at the first use",
    from: "newest",
    python: `modal.Dict.from_id("di-nonexistent").len()`,
    raises: "NotFoundError",
    typescript: async ({ client }) => {
      await expect(Dict.fromId("di-nonexistent", { client }).len()).rejects.toMatchObject({
        code: "dict_not_found",
      });
    },
  },
  {
    name: "info tells name, creator and time of creation",
    from: "newest",
    python: `
import datetime
info = d.info()
age = datetime.datetime.now(datetime.timezone.utc) - info.created_at
(info.name == name, bool(info.created_by), 0 <= age.total_seconds() < 60, d.name == name)`,
    result: "(True, True, True, True)",
    typescript: async ({ dict, name, python }) => {
      const info = await dict.info();
      expect(info.name).toBe(name);
      expect(await python("d.info().created_by")).toBe(`'${info.createdBy}'`);
      expect(Number(await python("round(d.info().created_at.timestamp() * 1000)"))).toBeCloseTo(
        info.createdAt.getTime(),
        -1,
      );
    },
  },
  {
    name: "an ephemeral dict has no name, works, and is reached by its id",
    python: `
with modal.Dict.ephemeral() as e:
    e["a"] = 1
    outcome = (e["a"], e.len(), e.object_id.startswith("di-"))
    kept = e.object_id
outcome`,
    result: "(1, 1, True)",
    typescript: async ({ client, python }) => {
      const id = (await python("kept")).slice(1, -1);
      const ephemeral = Dict.fromId(id, { client });
      expect(await ephemeral.get("a")).toBe(1);
      expect((await ephemeral.info()).name).toBeFalsy();
      const listed = await Dict.objects.list({ client });
      const ids = await Promise.all(listed.map(async (each) => (await each.hydrate()).objectId));
      expect(ids).not.toContain(id);
    },
  },
  {
    name: "an ephemeral dict of TypeScript is reached from Python by its id, and gone when disposed",
    from: "newest",
    python: `"begin"`,
    result: "'begin'",
    typescript: async ({ client, python }) => {
      let id = "";
      {
        await using ephemeral = await Dict.ephemeral({ client });
        await ephemeral.put("a", [1]);
        id = ephemeral.objectId;
        expect(await python(`modal.Dict.from_id("${id}")["a"]`)).toBe("[1]");
      }
      await expect(python(`modal.Dict.from_id("${id}").len()`)).rejects.toMatchObject({
        name: "NotFoundError",
      });
    },
  },
  {
    name: "two ephemeral dicts are different dicts",
    python: `
with modal.Dict.ephemeral() as one, modal.Dict.ephemeral() as other:
    one["a"] = 1
    outcome = (one.object_id != other.object_id, other.len())
outcome`,
    result: "(True, 0)",
    typescript: async ({ client }) => {
      await using one = await Dict.ephemeral({ client });
      await using other = await Dict.ephemeral({ client });
      expect(one.objectId).not.toBe(other.objectId);
    },
  },
  {
    name: "a handle stored by Python is a working handle in TypeScript",
    python: `
other = modal.Dict.from_name(name + "-other", create_if_missing=True)
other["who"] = "reached through a value"
d["handle"] = other
d["handle"]["who"]`,
    result: "'reached through a value'",
    typescript: async ({ dict, name, version }) => {
      const handle = await dict.get("handle");
      expect(handle).toBeInstanceOf(Dict);
      expect(await (handle as Dict).get("who")).toBe("reached through a value");
      // Clients before 1.1.1 store the id alone.
      if (version === "newest") expect((handle as Dict).name).toBe(`${name}-other`);
      await (handle as Dict).put("back", 1);
    },
  },
  {
    name: "a handle stored by TypeScript, deep in a value, is a working handle in Python",
    from: "newest",
    python: `"begin"`,
    result: "'begin'",
    typescript: async ({ client, dict, name, python }) => {
      const other = Dict.fromName(`${name}-other`, { client, createIfMissing: true });
      await other.put("who", "reached through a value");
      await dict.put("value", { list: [other, { handle: other }] });
      expect(await python(`d["value"]["list"][0]["who"]`)).toBe("'reached through a value'");
      expect(await python(`type(d["value"]["list"][1]["handle"]).__name__`)).toBe("'Dict'");
      await python(`d["value"]["list"][1]["handle"]["from python"] = 1`);
      expect(await other.get("from python")).toBe(1);
    },
  },
  {
    name: "a handle with metadata, as clients since 1.1.1 store it, is unreadable for earlier ones",
    until: "v1.0",
    python: `"begin"`,
    result: "'begin'",
    typescript: async ({ client, dict, name, python }) => {
      const other = Dict.fromName(`${name}-other`, { client, createIfMissing: true });
      await other.hydrate();
      await dict.put("handle", other);
      await expect(python(`d["handle"]`)).rejects.toMatchObject({
        name: "DeserializationError",
        message: expect.stringContaining("DictMetadata"),
      });
    },
  },
  {
    name: "a handle that TypeScript reads and writes back still works in Python",
    python: `
other = modal.Dict.from_name(name + "-other", create_if_missing=True)
other["who"] = "still me"
d["handle"] = [other]`,
    result: "None",
    typescript: async ({ dict, python }) => {
      await dict.put("back", await dict.get("handle"));
      expect(await python(`d["back"][0]["who"]`)).toBe("'still me'");
    },
  },
];
