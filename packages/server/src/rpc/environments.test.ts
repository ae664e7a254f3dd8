import type { EnvironmentInfo } from "@everdict/protocol";
import { ObjectCreationType } from "@everdict/protocol/api";
import { describe, expect, test } from "vitest";
import { askRpc } from "../../testing/ask-rpc.ts";

const main: EnvironmentInfo = {
  environmentId: "en-1",
  name: "main",
  webSuffix: "",
  createdAtSeconds: 1.5,
  isDefault: true,
};
const dev: EnvironmentInfo = {
  ...main,
  environmentId: "en-2",
  name: "dev",
  webSuffix: "dev-suffix",
  isDefault: false,
};
const listItem = {
  environmentId: "en-2",
  name: "dev",
  webhookSuffix: "dev-suffix",
  createdAt: 1.5,
  default: false,
};

test("EnvironmentList answers every environment, one of them the default", async () => {
  const { response } = await askRpc("environmentList", {}, { listEnvironments: async () => [dev, main] });
  expect(response.items).toMatchObject([listItem, { name: "main", default: true }]);
});

describe("EnvironmentGetOrCreate", () => {
  test.each([
    [ObjectCreationType.UNSPECIFIED, "lookup"],
    [ObjectCreationType.CREATE_IF_MISSING, "createIfMissing"],
    [ObjectCreationType.CREATE_FAIL_IF_EXISTS, "createFailIfExists"],
  ])("of type %d means %s, and the answer has metadata", async (objectCreationType, mode) => {
    const request = { deploymentName: "dev", objectCreationType };
    const { response, calls } = await askRpc("environmentGetOrCreate", request, {
      getOrCreateEnvironment: async () => dev,
    });
    expect(response).toMatchObject({
      environmentId: "en-2",
      metadata: { name: "dev", settings: { webhookSuffix: "dev-suffix" } },
    });
    expect(calls[0]?.args).toEqual(["dev", mode]);
  });

  test.each([3, 4, 5, 99])("of type %d is refused", async (objectCreationType) => {
    const asked = askRpc(
      "environmentGetOrCreate",
      { objectCreationType },
      { getOrCreateEnvironment: async () => dev },
    );
    await expect(asked).rejects.toMatchObject({ code: "invalid_argument" });
  });
});

describe("EnvironmentCreate", () => {
  const service = { getOrCreateEnvironment: async () => dev, updateEnvironment: async () => dev };

  test("creates, and fails if it is there", async () => {
    const { calls } = await askRpc("environmentCreate", { name: "dev" }, service);
    expect(calls.map(({ method, args }) => [method, args])).toEqual([
      ["getOrCreateEnvironment", ["dev", "createFailIfExists"]],
    ]);
    expect(calls[0]?.options?.idempotencyKey).toBe("key-1");
  });

  test("sets the web suffix if one is given", async () => {
    const { calls } = await askRpc(
      "environmentCreate",
      { name: "dev", settings: { webhookSuffix: "sfx" } },
      service,
    );
    expect(calls[1]).toMatchObject({
      method: "updateEnvironment",
      args: [{ currentName: "dev", webSuffix: "sfx" }],
    });
  });
});

test("EnvironmentDelete deletes by name", async () => {
  const { calls } = await askRpc("environmentDelete", { name: "dev" }, { deleteEnvironment: async () => {} });
  expect(calls[0]?.args).toEqual(["dev"]);
});

test.each([
  [{ name: "staging" }, { name: "staging", webSuffix: undefined }],
  [{ webSuffix: "" }, { name: undefined, webSuffix: "" }],
  [{}, { name: undefined, webSuffix: undefined }],
])("EnvironmentUpdate of %o changes only what was sent", async (change, passed) => {
  const request = { currentName: "dev", ...change };
  const { response, calls } = await askRpc("environmentUpdate", request, {
    updateEnvironment: async () => dev,
  });
  expect(calls[0]?.args).toEqual([{ currentName: "dev", ...passed }]);
  expect(response).toMatchObject(listItem);
});

test.each([
  ["environmentCreate", { isManaged: true }, "restricted environments"],
  ["environmentCreate", { defaultMemberRole: 1 }, "roles of members"],
  ["environmentCreate", { defaultMemberRoleStr: "viewer" }, "roles of members"],
  ["environmentCreate", { environmentType: 1 }, "public environments"],
  ["environmentCreate", { settings: { imageBuilderVersion: "2024.10" } }, "an image builder version"],
  ["environmentCreate", { settings: { maxConcurrentTasks: 3 } }, "a limit of concurrent tasks"],
  ["environmentCreate", { settings: { maxConcurrentGpus: 3 } }, "a limit of concurrent GPUs"],
  ["environmentCreate", { settings: { blockUnauthenticatedResources: true } }, "unauthenticated resources"],
  ["environmentUpdate", { imageBuilderVersion: "2024.10" }, "an image builder version"],
  ["environmentUpdate", { maxConcurrentTasks: 3 }, "a limit of concurrent tasks"],
  ["environmentUpdate", { maxConcurrentGpus: 3 }, "a limit of concurrent GPUs"],
  ["environmentUpdate", { blockUnauthenticatedResources: 2 }, "unauthenticated resources"],
] as const)("%s with %o is refused before anything is done", async (rpc, settings, what) => {
  const names = rpc === "environmentCreate" ? { name: "dev" } : { currentName: "dev" };
  const calls: unknown[] = [];
  const record = async (...args: unknown[]) => {
    calls.push(args);
    return dev;
  };
  const service = { getOrCreateEnvironment: record, updateEnvironment: record };
  await expect(askRpc(rpc, { ...names, ...settings } as never, service)).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining(what),
  });
  expect(calls).toEqual([]);
});

test("settings that ask for what there is anyway are accepted", async () => {
  const service = { getOrCreateEnvironment: async () => dev, updateEnvironment: async () => dev };
  const create = { name: "dev", isManaged: false, environmentType: 0, settings: { imageBuilderVersion: "" } };
  await expect(askRpc("environmentCreate", create, service)).resolves.toBeDefined();
  const update = { currentName: "dev", imageBuilderVersion: "" };
  await expect(askRpc("environmentUpdate", update, service)).resolves.toBeDefined();
});
