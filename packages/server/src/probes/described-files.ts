import { type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { file_modal_client_api } from "@everdict/protocol/api";
import { file_everdict_v1_dicts } from "@everdict/protocol/dicts-api";
import { file_grpc_health_v1_health } from "@everdict/protocol/health";
import { file_grpc_reflection_v1_reflection } from "@everdict/protocol/reflection";
import { file_everdict_tokens } from "@everdict/protocol/tokens";

/** The files that define the services of a server. */
const roots: readonly DescFile[] = [
  file_modal_client_api,
  file_everdict_v1_dicts,
  file_everdict_tokens,
  file_grpc_health_v1_health,
  file_grpc_reflection_v1_reflection,
];

/** What the services of this server are made of, by file and by name. */
export class DescribedFiles {
  readonly #byName = new Map<string, DescFile>();
  readonly #bySymbol = new Map<string, DescFile>();
  readonly services: readonly string[];

  constructor() {
    for (const root of roots) this.#add(root);
    this.services = roots.flatMap((root) => root.services.map(({ typeName }) => typeName));
  }

  /** Undefined if no file has that name. */
  named(name: string): DescFile | undefined {
    return this.#byName.get(name);
  }

  /** The file that defines a service, a method, a message, a field or an enum, by its full name. */
  defining(symbol: string): DescFile | undefined {
    return this.#bySymbol.get(symbol) ?? this.#bySymbol.get(symbol.replace(/\.[^.]*$/, ""));
  }

  #add(file: DescFile): void {
    // The names in the objects have no ending.
    const name = file.proto.name;
    if (this.#byName.has(name)) return;
    this.#byName.set(name, file);
    for (const { typeName } of [...file.services, ...file.enums]) this.#bySymbol.set(typeName, file);
    for (const message of file.messages) this.#addMessage(message);
    for (const dependency of file.dependencies) this.#add(dependency);
  }

  #addMessage(message: DescMessage): void {
    this.#bySymbol.set(message.typeName, message.file);
    for (const { typeName } of message.nestedEnums) this.#bySymbol.set(typeName, message.file);
    for (const nested of message.nestedMessages) this.#addMessage(nested);
  }
}

/** A file with all that it needs, each as a serialized `FileDescriptorProto`. */
export function withDependencies(file: DescFile): Uint8Array[] {
  const files = new Set<DescFile>();
  const visit = (each: DescFile): void => {
    if (files.has(each)) return;
    files.add(each);
    each.dependencies.forEach(visit);
  };
  visit(file);
  return Array.from(files, ({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
}
