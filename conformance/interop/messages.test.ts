// Our definition of the messages against those that each official client has: numbers, names and types.
import { execFileSync } from "node:child_process";
import { file_modal_client_api as api } from "@everdict/protocol/api";
import { pythonIsSetUp, pythonProgram, pythonVersions } from "@everdict/testkit";
import { describe, expect, test } from "vitest";

/** Prints every field of the client's messages as {"Message number": "name type"}; types are protobuf's own numbers. */
const printFields = `
import json
from modal_proto import api_pb2
fields = {}
def visit(messages, prefix):
    for name, message in messages.items():
        for field in message.fields:
            fields[f"{prefix}{name} {field.number}"] = f"{field.name} {field.type}"
        visit(message.nested_types_by_name, f"{prefix}{name}.")
visit(api_pb2.DESCRIPTOR.message_types_by_name, "")
print(json.dumps(fields))
`;

/** From here on numbers are ours. */
const ownNumbersFrom = 10_000;

const ours = api.messages
  .flatMap((message) => [message, ...message.nestedMessages])
  .flatMap((message) => message.fields)
  .filter((field) => field.number < ownNumbersFrom && !field.parent.name.startsWith("DictExpiry"))
  .map(({ parent, number, name, proto }) => {
    const message = parent.typeName.replace("modal.client.", "");
    return [`${message} ${number}`, `${name} ${proto.type}`] as const;
  });

describe.skipIf(!pythonIsSetUp())("the messages of our definition", () => {
  test.each(pythonVersions)("have the fields of client %s", (version) => {
    const printed = execFileSync(pythonProgram(version), ["-c", printFields], { encoding: "utf8" });
    const theirs = new Map(Object.entries(JSON.parse(printed) as Record<string, string>));
    const known = ours.filter(([name]) => theirs.has(name));
    expect(known.length).toBeGreaterThan(50);
    expect(known.filter(([name, field]) => theirs.get(name) !== field)).toEqual([]);
    if (version === "newest") expect(ours.filter(([name]) => !theirs.has(name))).toEqual([]);
  });
});
