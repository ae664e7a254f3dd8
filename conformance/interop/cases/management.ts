import { Dict } from "everdict";
import { expect } from "vitest";
import type { CaseContext, InteropCase } from "../interop-case.ts";

/** Creating, listing and deleting dicts, and what becomes of a deleted one. */
export const managementCases: readonly InteropCase[] = [
  {
    name: "objects.create creates a dict and answers nothing",
    from: "newest",
    python: `modal.Dict.objects.create(name + "-new")`,
    result: "None",
    typescript: async ({ client, name }) => {
      expect(await Dict.fromName(`${name}-new`, { client }).len()).toBe(0);
    },
  },
  {
    name: "objects.create of an existing dict raises AlreadyExistsError",
    from: "newest",
    given: [["a", 1]],
    python: `modal.Dict.objects.create(name)`,
    raises: "AlreadyExistsError",
    holds: [["a", 1]],
    typescript: async ({ client, name }) => {
      await expect(Dict.objects.create(name, { client })).rejects.toMatchObject({
        name: "AlreadyExistsError",
        code: "dict_exists",
      });
    },
  },
  {
    name: "objects.create(allow_existing=True) leaves an existing dict as it is",
    from: "newest",
    given: [["a", 1]],
    python: `modal.Dict.objects.create(name, allow_existing=True)`,
    result: "None",
    holds: [["a", 1]],
  },
  {
    name: "objects.list lists newest first, in both languages alike",
    from: "newest",
    python: `
for n in range(3): modal.Dict.objects.create(f"{name}-{n}")
[each.name.removeprefix(name) for each in modal.Dict.objects.list(max_objects=4)]`,
    result: "['-2', '-1', '-0', '']",
    typescript: async ({ client, name }) => {
      const listed = await Dict.objects.list({ client, maxObjects: 4 });
      expect(listed.map((each) => each.name)).toEqual([`${name}-2`, `${name}-1`, `${name}-0`, name]);
    },
  },
  {
    name: "objects.list honours created_before and max_objects",
    from: "newest",
    python: `
modal.Dict.objects.create(name + "-late")
before = d.info().created_at
listed = [each.name for each in modal.Dict.objects.list(created_before=before)]
(name in listed, name + "-late" in listed, modal.Dict.objects.list(max_objects=0))`,
    result: "(False, False, [])",
    typescript: async ({ client, dict, name }) => {
      const { createdAt } = await dict.info();
      const before = await Dict.objects.list({ client, createdBefore: createdAt });
      expect(before.map((each) => each.name)).not.toContain(`${name}-late`);
      expect(await Dict.objects.list({ client, maxObjects: 1 })).toHaveLength(1);
    },
  },
  {
    name: "objects.delete deletes the dict",
    from: "newest",
    given: [["a", 1]],
    python: `modal.Dict.objects.delete(name)`,
    result: "None",
    typescript: async (context) => {
      await expectGone(context);
      await expect(Dict.delete(context.name, { client: context.client })).rejects.toMatchObject({
        code: "dict_not_found",
      });
      await Dict.delete(context.name, { client: context.client, allowMissing: true });
    },
  },
  {
    name: "objects.delete of an absent dict raises NotFoundError, unless it may be missing",
    from: "newest",
    python: `
modal.Dict.objects.delete(name + "-absent", allow_missing=True)
modal.Dict.objects.delete(name + "-absent")`,
    raises: "NotFoundError",
    typescript: async ({ client, name }) => {
      await expect(Dict.delete(`${name}-absent`, { client })).rejects.toMatchObject({
        code: "dict_not_found",
      });
    },
  },
  {
    name: "Dict.delete deletes the dict",
    until: "v1.0",
    given: [["a", 1]],
    python: `modal.Dict.delete(name)`,
    result: "None",
    typescript: expectGone,
  },
  {
    name: "every operation on a deleted dict fails as not found",
    python: `
d.hydrate()
outcomes = []
def attempt(operation):
    try: outcomes.append(repr(operation()))
    except Exception as error: outcomes.append(type(error).__name__ + (" 5" if "NOT_FOUND" in repr(error) else ""))
def operations():
    attempt(lambda: d.get("a")); attempt(lambda: d.put("a", 1)); attempt(lambda: d.pop("a"))
    attempt(lambda: d.contains("a")); attempt(lambda: d.len()); attempt(lambda: d.clear())
    attempt(lambda: list(d.items())); attempt(lambda: d.update({"a": 1}))
"ready"`,
    result: "'ready'",
    typescript: async (context) => {
      await Dict.delete(context.name, { client: context.client });
      await context.python("operations()");
      const outcomes = await context.python("sorted(set(outcomes)), len(outcomes)");
      // Clients before 1.3 let the gRPC error through.
      const error = context.version === "newest" ? "NotFoundError" : "GRPCError 5";
      expect(outcomes).toBe(`(['${error}'], 8)`);
      await expectGone(context);
    },
  },
  {
    name: "a name that is used again is a new dict without the old entries",
    given: [["a", 1]],
    python: `
old = d.hydrate().object_id
"ready"`,
    result: "'ready'",
    typescript: async ({ client, dict, name, python }) => {
      await Dict.delete(name, { client });
      expect(
        await python(`
new = modal.Dict.from_name(name, create_if_missing=True).hydrate()
(new.object_id != old, new.len(), new.get("a"))`),
      ).toBe("(True, 0, None)");
      await expect(dict.get("a")).rejects.toMatchObject({ code: "dict_not_found" });
      expect(await Dict.fromName(name, { client }).len()).toBe(0);
    },
  },
  {
    name: "environments keep dicts of one name apart",
    given: [["a", "main"]],
    python: `
modal.environments.create_environment("side-" + name[-8:])
side = modal.Dict.from_name(name, environment_name="side-" + name[-8:], create_if_missing=True)
side["a"] = "side"
(d["a"], side["a"], d.object_id != side.object_id)`,
    result: "('main', 'side', True)",
    holds: [["a", "main"]],
    typescript: async ({ client, name }) => {
      const side = Dict.fromName(name, { client, environment: `side-${name.slice(-8)}` });
      expect(await side.get("a")).toBe("side");
    },
  },
  {
    name: "an unknown environment is not found",
    python: `modal.Dict.from_name(name, environment_name="no-such-environment", create_if_missing=True).len()`,
    raises: "NotFoundError",
    message: /[Ee]nvironment 'no-such-environment' not found/,
    typescript: async ({ client, name }) => {
      const dict = Dict.fromName(name, { client, environment: "no-such-environment", createIfMissing: true });
      await expect(dict.len()).rejects.toMatchObject({
        name: "NotFoundError",
        code: "environment_not_found",
      });
    },
  },
  {
    name: "deleting an environment deletes its dicts",
    python: `
environment = "gone-" + name[-8:]
modal.environments.create_environment(environment)
gone = modal.Dict.from_name(name, environment_name=environment, create_if_missing=True)
gone["a"] = 1
modal.environments.delete_environment(environment)
modal.environments.create_environment(environment)
again = modal.Dict.from_name(name, environment_name=environment, create_if_missing=True)
(again.len(), again.object_id != gone.object_id)`,
    result: "(0, True)",
    typescript: async ({ client, name }) => {
      expect(await Dict.fromName(name, { client, environment: `gone-${name.slice(-8)}` }).len()).toBe(0);
    },
  },
];

async function expectGone({ client, dict, name }: CaseContext): Promise<void> {
  await expect(dict.get("a")).rejects.toMatchObject({ name: "NotFoundError", code: "dict_not_found" });
  await expect(Dict.fromName(name, { client }).len()).rejects.toMatchObject({ code: "dict_not_found" });
}
