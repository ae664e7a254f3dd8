import type { MessageInitShape } from "@bufbuild/protobuf";
import { createError, type EnvironmentInfo } from "@everdict/protocol";
import { type EnvironmentListItemSchema, ModalClient } from "@everdict/protocol/api";
import { creationMode } from "./creation-mode.ts";
import { type Rpc, unaryRpc } from "./define-rpc.ts";

const { method } = ModalClient;

/** The RPCs about environments (protocol section 2.10). Settings that would have no effect are refused. */
export const environmentRpcs: readonly Rpc[] = [
  unaryRpc(method.environmentList, async ({ service, options }) => {
    const environments = await service.listEnvironments(options);
    return { items: environments.map(listItem) };
  }),
  unaryRpc(method.environmentGetOrCreate, async ({ service, options }, request) => {
    const mode = creationMode(request.objectCreationType);
    const info = await service.getOrCreateEnvironment(request.deploymentName, mode, options);
    const { environmentId, name, webSuffix } = info;
    return { environmentId, metadata: { name, settings: { webhookSuffix: webSuffix } } };
  }),
  unaryRpc(method.environmentCreate, async ({ service, options }, request) => {
    refuseSettings({ ...request.settings, ...request });
    const { name, settings } = request;
    await service.getOrCreateEnvironment(name, "createFailIfExists", options);
    const webSuffix = settings?.webhookSuffix ?? "";
    if (webSuffix !== "") await service.updateEnvironment({ currentName: name, webSuffix }, options);
    return {};
  }),
  unaryRpc(method.environmentDelete, async ({ service, options }, { name }) => {
    await service.deleteEnvironment(name, options);
    return {};
  }),
  unaryRpc(method.environmentUpdate, async ({ service, options }, request) => {
    refuseSettings(request);
    const { currentName, name, webSuffix } = request;
    return listItem(await service.updateEnvironment({ currentName, name, webSuffix }, options));
  }),
];

/** What environments of Modal's cloud have and ours do not, by the names of the fields that ask for it. */
const foreignSettings = {
  isManaged: "restricted environments",
  defaultMemberRole: "roles of members (the role of a token is set by `everdict token create --role`)",
  defaultMemberRoleStr: "roles of members (the role of a token is set by `everdict token create --role`)",
  environmentType: "public environments",
  imageBuilderVersion: "an image builder version",
  maxConcurrentTasks: "a limit of concurrent tasks",
  maxConcurrentGpus: "a limit of concurrent GPUs",
  blockUnauthenticatedResources: "a setting for unauthenticated resources",
} as const;

/**
 * A setting that is accepted and has no effect would be a lie. What is empty, false or zero asks for what there is anyway.
 *
 * @throws `invalid_argument`, naming what is not supported
 */
function refuseSettings(settings: Partial<Record<keyof typeof foreignSettings, unknown>>): void {
  const asked = (Object.keys(foreignSettings) as (keyof typeof foreignSettings)[]).filter((name) =>
    Boolean(settings[name]),
  );
  if (asked.length === 0) return;
  const what = [...new Set(asked.map((name) => foreignSettings[name]))].join(", ");
  throw createError("invalid_argument", `this server has dictionaries only, and does not support ${what}`);
}

function listItem(info: EnvironmentInfo): MessageInitShape<typeof EnvironmentListItemSchema> {
  const { environmentId, name, webSuffix: webhookSuffix, createdAtSeconds: createdAt, isDefault } = info;
  return { environmentId, name, webhookSuffix, createdAt, default: isDefault };
}
