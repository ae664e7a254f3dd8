import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EnvironmentInfo } from "@everdict/protocol";
import { type EnvironmentListItemSchema, ModalClient } from "@everdict/protocol/api";
import { creationMode } from "./creation-mode.ts";
import { type Rpc, readRpc, unaryRpc } from "./define-rpc.ts";

const { method } = ModalClient;

/** The RPCs about environments (protocol section 2.10). Roles and quotas are accepted and have no effect. */
export const environmentRpcs: readonly Rpc[] = [
  readRpc(method.environmentList, async ({ service, options }) => {
    const environments = await service.listEnvironments(options);
    return { items: environments.map(listItem) };
  }),
  unaryRpc(method.environmentGetOrCreate, async ({ service, options }, request) => {
    const mode = creationMode(request.objectCreationType);
    const info = await service.getOrCreateEnvironment(request.deploymentName, mode, options);
    const { environmentId, name, webSuffix } = info;
    return { environmentId, metadata: { name, settings: { webhookSuffix: webSuffix } } };
  }),
  unaryRpc(method.environmentCreate, async ({ service, options }, { name, settings }) => {
    await service.getOrCreateEnvironment(name, "createFailIfExists", options);
    const webSuffix = settings?.webhookSuffix ?? "";
    if (webSuffix !== "") await service.updateEnvironment({ currentName: name, webSuffix }, options);
    return {};
  }),
  unaryRpc(method.environmentDelete, async ({ service, options }, { name }) => {
    await service.deleteEnvironment(name, options);
    return {};
  }),
  unaryRpc(method.environmentUpdate, async ({ service, options }, { currentName, name, webSuffix }) =>
    listItem(await service.updateEnvironment({ currentName, name, webSuffix }, options)),
  ),
];

function listItem(info: EnvironmentInfo): MessageInitShape<typeof EnvironmentListItemSchema> {
  const { environmentId, name, webSuffix: webhookSuffix, createdAtSeconds: createdAt, isDefault } = info;
  return { environmentId, name, webhookSuffix, createdAt, default: isDefault };
}
