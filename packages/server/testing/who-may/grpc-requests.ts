import { create, type DescMessage, type DescMethod, toBinary } from "@bufbuild/protobuf";
import { type CreationMode, type Method, methods, methodTable } from "@everdict/protocol";
import { ModalClient, ObjectCreationType } from "@everdict/protocol/api";
import { Dicts } from "@everdict/protocol/dicts-api";
import { Tokens } from "@everdict/protocol/tokens";
import { frame } from "../raw-client.ts";
import { key, type Place } from "./open-doors.ts";

/** What an RPC does: a method of the table, or what the table is not about. */
export type Operation = Method | "manageTokens" | "identify";

/** What the table of methods is not about. An RPC that is in neither fails the test: somebody has to decide. */
const others: Readonly<Record<string, Operation>> = {
  authTokenGet: "identify",
  clientHello: "identify",
  tokenInfoGet: "identify",
  workspaceNameLookup: "identify",
  create: "manageTokens",
  list: "manageTokens",
  rotate: "manageTokens",
  revoke: "manageTokens",
};

/** The operations that an RPC may be. */
function operationsOf({ localName, name }: DescMethod): readonly Operation[] {
  const called = methods.filter((each) => (methodTable[each].rpcs as readonly string[]).includes(localName));
  const operations = called.length > 0 ? called : [others[localName]!];
  if (operations[0] === undefined) throw new Error(`nobody decided what ${name} needs`);
  return operations;
}

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
  return [ModalClient, Dicts, Tokens].flatMap((service) =>
    service.methods.flatMap((method: DescMethod) =>
      operationsOf(method).flatMap((operation) =>
        modesOf(method).map((mode) => ({
          what: `${method.name} (${mode ?? operation})`,
          path: `/${service.typeName}/${method.name}`,
          operation,
          mode: method.name === "EnvironmentCreate" ? "createFailIfExists" : mode,
          request: (place: Place) => frame(messageOf(method, place, operation, mode)),
        })),
      ),
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
function messageOf(
  method: DescMethod,
  place: Place,
  operation: Operation,
  mode: CreationMode | undefined,
): Uint8Array {
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
    keys: ["GetMany", "RemoveMany"].includes(method.name) ? [key] : true,
    values: true,
    updates: [{ key, value: key }],
    entries: [{ key, value: key }],
    changes: [{ key, change: { case: "touch", value: {} } }],
    limit: 1,
    durability: "memory",
    ifNotExists: operation === "putIfAbsent",
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
