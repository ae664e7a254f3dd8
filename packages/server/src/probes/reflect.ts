import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { createError, Status } from "@everdict/protocol";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "@everdict/protocol/reflection";
import { DescribedFiles, withDependencies } from "./described-files.ts";

type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

let described: DescribedFiles | undefined;

/**
 * Answers one request of the reflection protocol of gRPC.
 *
 * @throws `invalid_argument` for bytes that are no request
 */
export function reflect(message: Uint8Array): Uint8Array {
  // Most servers are never asked, and making it takes some milliseconds.
  described ??= new DescribedFiles();
  const request = read(message);
  const response = create(ServerReflectionResponseSchema, {
    validHost: request.host,
    originalRequest: request,
    messageResponse: answer(request, described),
  });
  return toBinary(ServerReflectionResponseSchema, response);
}

function read(message: Uint8Array): ServerReflectionRequest {
  try {
    return fromBinary(ServerReflectionRequestSchema, message, { readUnknownFields: false });
  } catch {
    throw createError("invalid_argument", "the request is no ServerReflectionRequest");
  }
}

function answer({ messageRequest }: ServerReflectionRequest, files: DescribedFiles): Answer {
  switch (messageRequest.case) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: files.services.map((name) => ({ name })) },
      };
    case "fileByFilename":
    case "fileContainingSymbol": {
      const { value } = messageRequest;
      const file = messageRequest.case === "fileByFilename" ? files.named(value) : files.defining(value);
      if (file === undefined) return failure(Status.NOT_FOUND, "this server has no such file or symbol");
      return { case: "fileDescriptorResponse", value: { fileDescriptorProto: withDependencies(file) } };
    }
    case "fileContainingExtension":
    case "allExtensionNumbersOfType":
      return failure(Status.NOT_FOUND, "this server has no extensions");
    default:
      return failure(Status.INVALID_ARGUMENT, "the request asks for nothing");
  }
}

function failure(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
