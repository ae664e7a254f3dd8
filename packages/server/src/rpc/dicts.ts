import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  createError,
  type DictInfo,
  forEachSlice,
  type GetOrCreateDictRequest,
  type ListDictsRequest,
  onlyEntry,
} from "@everdict/protocol";
import {
  type DictGetOrCreateRequest,
  type DictListRequest,
  DictListResponseSchema,
  type DictMetadataSchema,
  ModalClient,
  ObjectCreationType,
} from "@everdict/protocol/api";
import { durabilityNumbers, expiryMessage } from "@everdict/protocol/grpc-words";
import { askedDurability, askedExpiry } from "./asked-policies.ts";
import { contentsFrames } from "./contents-frames.ts";
import { creationMode } from "./creation-mode.ts";
import { encodedRpc, type Rpc, serverStreamRpc, unaryRpc } from "./define-rpc.ts";
import { lookupAnswer } from "./lookup-answer.ts";

const { method } = ModalClient;

/** The largest `len` that the response can hold. */
const lenMax = 2 ** 31 - 1;

/** The RPCs about dictionaries and their entries (protocol sections 2.2 to 2.8). */
export const dictRpcs: readonly Rpc[] = [
  unaryRpc(method.dictGetOrCreate, async ({ service, options }, request) => {
    const info = await service.getOrCreateDict(getOrCreateRequest(request), {
      ...options,
      bytesAreGiven: true,
    });
    return describedDict(info);
  }),
  unaryRpc(method.dictGetById, async ({ service, options }, { dictId }) => {
    const info = await service.getDictById(dictId, options);
    return describedDict(info);
  }),
  unaryRpc(method.dictDelete, async ({ service, options }, { dictId }) => {
    await service.deleteDict(dictId, options);
    return {};
  }),
  encodedRpc(method.dictList, async ({ service, options }, request) => {
    const dicts = await service.listDicts(listRequest(request), options);
    return listAnswer(dicts, request.environmentName);
  }),
  unaryRpc(method.dictHeartbeat, async ({ service, options }, { dictId }) => {
    await service.heartbeat(dictId, options);
    return {};
  }),
  encodedRpc(method.dictGet, async ({ service, options }, { dictId, key }) =>
    lookupAnswer(await service.get(dictId, key, options)),
  ),
  encodedRpc(method.dictPop, async ({ service, options }, { dictId, key }) =>
    lookupAnswer(await service.pop(dictId, key, options)),
  ),
  unaryRpc(method.dictContains, async ({ service, options }, { dictId, key }) => ({
    found: await service.contains(dictId, key, options),
  })),
  unaryRpc(method.dictLen, async ({ service, options }, { dictId }) => ({
    len: Math.min(await service.len(dictId, options), lenMax),
  })),
  unaryRpc(method.dictUpdate, async ({ service, options }, { dictId, updates, ifNotExists }) => {
    const given = { ...options, bytesAreGiven: true };
    if (ifNotExists) {
      const { key, value } = onlyEntry(updates);
      return { created: await service.putIfAbsent(dictId, key, value, given) };
    }
    await service.update(dictId, updates, given);
    return { created: true };
  }),
  unaryRpc(method.dictClear, async ({ service, options }, { dictId }) => {
    await service.clear(dictId, options);
    return {};
  }),
  serverStreamRpc(method.dictContents, (context, { dictId, keys, values }) =>
    contentsFrames(context, dictId, { keys, values }),
  ),
];

function getOrCreateRequest(request: DictGetOrCreateRequest): GetOrCreateDictRequest {
  const { environmentName: environment, deploymentName: name, data } = request;
  const common = {
    environment,
    data,
    expiry: askedExpiry(request.everdictExpiry),
    durability: askedDurability(request.everdictDurability),
    shards: request.everdictShards,
  };
  if (request.objectCreationType === ObjectCreationType.EPHEMERAL) {
    return { mode: "ephemeral", ...common };
  }
  return { mode: creationMode(request.objectCreationType), name, ...common };
}

/** Clients before 1.1.2 send no pagination and expect everything; a bound of 0 is one that was not set. */
function listRequest({ environmentName: environment, pagination }: DictListRequest): ListDictsRequest {
  if (pagination === undefined) return { environment, maxObjects: 0 };
  const { maxObjects, createdBefore } = pagination;
  if (maxObjects < 0)
    throw createError("invalid_argument", `max_objects is ${maxObjects}, it must not be negative`);
  if (Number.isNaN(createdBefore)) throw createError("invalid_argument", "created_before is not a number");
  return { environment, maxObjects, createdBeforeSeconds: createdBefore === 0 ? undefined : createdBefore };
}

/** A message may be encoded in parts, of which the repeated fields add up: a long list is, with pauses. */
async function listAnswer(dicts: readonly DictInfo[], environmentName: string): Promise<Uint8Array> {
  const encode = (message: MessageInitShape<typeof DictListResponseSchema>): Uint8Array =>
    toBinary(DictListResponseSchema, create(DictListResponseSchema, message));
  const parts = [encode({ environmentName })];
  await forEachSlice(dicts, (slice) => parts.push(encode({ dicts: slice.map(listItem) })));
  return Buffer.concat(parts);
}

/** Name and creation time twice: clients before 1.1.2 read them here, later ones in the metadata. */
function listItem(info: DictInfo) {
  const { name, createdAtSeconds } = info;
  return { name, createdAt: createdAtSeconds, ...describedDict(info) };
}

function describedDict(info: DictInfo) {
  const { dictId, expiry, durability: has } = info;
  return {
    dictId,
    metadata: dictMetadata(info),
    ...(expiry && { everdictExpiry: expiryMessage(expiry) }),
    ...(has && { everdictDurability: durabilityNumbers[has] }),
  };
}

function dictMetadata(info: DictInfo): MessageInitShape<typeof DictMetadataSchema> {
  const { name, createdAtSeconds: createdAt, createdBy } = info;
  return { name, creationInfo: { createdAt, createdBy } };
}
