/** The requests about dictionaries and environments as wholes. */

import type {
  DictChange,
  GetOrCreateDictRequest,
  ListDictsRequest,
  RequestTypes,
  UpdateEnvironmentRequest,
} from "@everdict/protocol";
import { type ByteSink, textRoom } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";
import { readChoice, unknownChoice, writeChoice } from "./choices.ts";
import { entriesBytes, rawsOfEntries, readEntries, writeEntries } from "./entries-message.ts";
import {
  expiryRoom,
  policiesCodec,
  readDurability,
  readExpiry,
  writeDurability,
  writeExpiry,
} from "./policies-message.ts";
import type { RequestCodec } from "./request-codec.ts";

const creationModes = ["lookup", "createIfMissing", "createFailIfExists", "ephemeral"] as const;

/** `getOrCreateDict`. The number of shards stands at the end, and only if it was given: older servers do not know it. */
export const dictCreationCodec: RequestCodec<GetOrCreateDictRequest> = {
  room: (request) =>
    textRoom(request.environment) +
    textRoom(nameOf(request)) +
    expiryRoom +
    2 +
    entriesBytes(request.data ?? []) +
    8,
  write: (sink, request) => {
    writeChoice(sink, creationModes, request.mode);
    sink.text(request.environment);
    sink.text(nameOf(request));
    writeExpiry(sink, request.expiry);
    writeDurability(sink, request.durability);
    writeEntries(sink, request.data ?? []);
    if (request.shards !== undefined) sink.f64(request.shards);
  },
  read: (source, requestMaxEntries) => {
    const mode = readChoice(source, creationModes);
    const environment = source.text();
    const name = source.text();
    const expiry = readExpiry(source);
    const durability = readDurability(source);
    const data = readEntries(source, requestMaxEntries);
    const shards = source.left > 0 ? source.f64() : undefined;
    const asked = { environment, expiry, durability, data, shards };
    return mode === "ephemeral" ? { mode, ...asked } : { mode, name, ...asked };
  },
  raws: ({ data }) => rawsOfEntries(data ?? []),
  isLater: ({ shards }) => shards !== undefined,
};

/** `configureDict`. */
export const dictChangeCodec: RequestCodec<DictChange> = {
  room: policiesCodec.room,
  write: policiesCodec.write,
  read: (source) => ({ expiry: readExpiry(source), durability: readDurability(source) }),
};

/** `listDicts`. Numbers travel as they are, so that the service judges them. */
export const dictPageCodec: RequestCodec<ListDictsRequest> = {
  room: ({ environment }) => textRoom(environment) + 17,
  write: (sink, { environment, maxObjects, createdBeforeSeconds }) => {
    sink.text(environment);
    sink.f64(maxObjects);
    writeOptional(sink, createdBeforeSeconds, (value) => sink.f64(value));
  },
  read: (source) => ({
    environment: source.text(),
    maxObjects: source.f64(),
    createdBeforeSeconds: readOptional(source, () => source.f64()),
  }),
};

/** `getOrCreateEnvironment`. */
export const environmentCreationCodec: RequestCodec<RequestTypes["environmentCreation"]> = {
  room: ({ name }) => textRoom(name) + 1,
  write: (sink, { name, mode }) => {
    writeChoice(sink, creationModes, mode);
    sink.text(name);
  },
  read: (source) => {
    const mode = readChoice(source, creationModes);
    if (mode === "ephemeral") throw unknownChoice();
    return { mode, name: source.text() };
  },
};

/** `updateEnvironment`. */
export const environmentChangeCodec: RequestCodec<UpdateEnvironmentRequest> = {
  room: ({ currentName, name = "", webSuffix = "" }) =>
    textRoom(currentName) + textRoom(name) + textRoom(webSuffix) + 2,
  write: (sink, { currentName, name, webSuffix }) => {
    sink.text(currentName);
    writeOptional(sink, name, (value) => sink.text(value));
    writeOptional(sink, webSuffix, (value) => sink.text(value));
  },
  read: (source) => ({
    currentName: source.text(),
    name: readOptional(source, () => source.text()),
    webSuffix: readOptional(source, () => source.text()),
  }),
};

/** `deleteEnvironment`: the name. */
export const nameCodec: RequestCodec<string> = {
  room: textRoom,
  write: (sink, name) => sink.text(name),
  read: (source) => source.text(),
};

function nameOf(request: GetOrCreateDictRequest): string {
  return request.mode === "ephemeral" ? "" : request.name;
}

function writeOptional<T>(sink: ByteSink, value: T | undefined, write: (value: T) => void): void {
  sink.u8(value === undefined ? 0 : 1);
  if (value !== undefined) write(value);
}

function readOptional<T>(source: ByteSource, read: () => T): T | undefined {
  return source.u8() === 0 ? undefined : read();
}
