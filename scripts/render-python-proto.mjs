// The description of proto/everdict/v1/dicts.proto for the Python package: bytes that every release of protobuf reads.
import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

const lineLength = 100;

/** Renders python/everdict/src/everdict/_dicts_proto.py from the file that `@everdict/protocol` has of it. */
export function renderPythonProto(file) {
  const text = Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)).toString("base64");
  const lines = text.match(new RegExp(`.{1,${lineLength}}`, "g")).map((line) => `    "${line}"`);
  return `# Made by \`npm run generate\` from proto/everdict/v1/dicts.proto. Do not edit.
"""The file descriptor of proto/everdict/v1/dicts.proto."""

import base64

DESCRIPTOR = base64.b64decode(
${lines.join("\n")}
)
`;
}
