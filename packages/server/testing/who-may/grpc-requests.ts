import { create, type DescMessage, type DescMethod, toBinary } from "@bufbuild/protobuf";
import type { CreationMode, permissionTable } from "@everdict/protocol";
import { ModalClient, ObjectCreationType } from "@everdict/protocol/api";
import { Tokens } from "@everdict/protocol/tokens";
import { frame } from "../raw-client.ts";
import { key, type Place } from "./open-doors.ts";

/** What a method does: one of the table of permissions, or of what the table is not about. */
export type Operation = keyof typeof permissionTable | "manageTokens" | "identify";

/** Which operation each method of the API is. A method that is not here fails the test: somebody has to decide. */
const operations: Readonly<Record<string, Operation>> = {
  DictClear: "clear",
  DictContains: "contains",
  DictContents: "contents",
  DictDelete: "deleteDict",
  DictGet: "get",
  DictGetById: "getDictById",
  DictGetOrCreate: "getOrCreateDict",
  DictHeartbeat: "heartbeat",
  DictLen: "len",
  DictList: "listDicts",
  DictPop: "pop",
  DictUpdate: "update",
  EnvironmentCreate: "getOrCreateEnvironment",
  EnvironmentDelete: "deleteEnvironment",
  EnvironmentGetOrCreate: "getOrCreateEnvironment",
  EnvironmentList: "listEnvironments",
  EnvironmentUpdate: "updateEnvironment",
  AuthTokenGet: "identify",
  ClientHello: "identify",
  TokenInfoGet: "identify",
  WorkspaceNameLookup: "identify",
  Create: "manageTokens",
  List: "manageTokens",
  Rotate: "manageTokens",
  Revoke: "manageTokens",
};

/** A method, in one of its modes if it has some. */
export interface GrpcCase {
  readonly what: string;
  readonly path: string;
  readonly operation: Operation;
  /** Undefined: it has no modes. */
  readonly mode: CreationMode | undefined;
  /** The request about a place, in its frame. */
  readonly request: (place: Place) => Uint8Array;
}

/** Every method that the descriptors name. */
export function grpcCases(): GrpcCase[] {
  return [ModalClient, Tokens].flatMap(({ typeName, methods }) =>
    methods.flatMap((method: DescMethod) =>
      modesOf(method).map((mode) => {
        const operation = operations[method.name];
        if (operation === undefined) throw new Error(`nobody decided what ${method.name} needs`);
        return {
          what: mode === undefined ? method.name : `${method.name} (${mode})`,
          path: `/${typeName}/${method.name}`,
          operation,
          mode: method.name === "EnvironmentCreate" ? "createFailIfExists" : mode,
          request: (place: Place) => frame(messageOf(method, place, mode)),
        };
      }),
    ),
  );
}

function modesOf({ input }: DescMethod): (CreationMode | undefined)[] {
  const hasModes = input.fields.some(({ localName }) => localName === "objectCreationType");
  return hasModes ? ["lookup", "createIfMissing", "createFailIfExists"] : [undefined];
}

const creationTypes: Record<CreationMode, ObjectCreationType> = {
  lookup: ObjectCreationType.UNSPECIFIED,
  createIfMissing: ObjectCreationType.CREATE_IF_MISSING,
  createFailIfExists: ObjectCreationType.CREATE_FAIL_IF_EXISTS,
};

let fresh = 0;

/** Fills the fields by their names. */
function messageOf(method: DescMethod, place: Place, mode: CreationMode | undefined): Uint8Array {
  const isLookup = mode === undefined || mode === "lookup";
  const newName = `fresh-${fresh++}`;
  const isEnvironment = method.name.startsWith("Environment");
  const values: Readonly<Record<string, unknown>> = {
    dictId: place.dictId,
    environmentName: place.environment,
    deploymentName: isEnvironment ? (isLookup ? place.environment : newName) : place.name,
    name: method.name === "EnvironmentDelete" ? place.environment : newName,
    currentName: place.environment,
    tokenId: place.tokenId,
    key,
    keys: true,
    values: true,
    updates: [{ key, value: key }],
    objectCreationType: mode === undefined ? undefined : creationTypes[mode],
  };
  const init: Record<string, unknown> = {};
  for (const { localName, fieldKind } of method.input.fields) {
    const value = values[localName];
    if (value !== undefined && !(fieldKind === "message" && typeof value === "string"))
      init[localName] = value;
  }
  const schema: DescMessage = method.input;
  return toBinary(schema, create(schema, init));
}
