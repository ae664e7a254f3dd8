// docs/modal-protocol.md is what others write servers and clients from: its tables are those of the code.
import { readFileSync } from "node:fs";
import type { DescEnum, DescField, DescMessage, DescMethod } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { file_modal_client_api as api } from "./gen/modal/client/api_pb.ts";

const document = readFileSync(new URL("../../../docs/modal-protocol.md", import.meta.url), "utf8");

/** The rows of all tables that begin with these columns, by the name in their first one. */
function rowsOf(...columns: string[]): ReadonlyMap<string, string[]> {
  const head = `| ${columns.join(" | ")} |`;
  const tables = document.split("\n\n").filter((block) => block.startsWith(head));
  const rows = tables.flatMap((table) => table.trimEnd().split("\n").slice(2));
  const cells = rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return new Map(cells.map(([name, ...others]) => [name!.replaceAll("`", ""), others]));
}

function localName(typeName: string): string {
  return typeName.replace("modal.client.", "");
}

function typeOf(field: DescField): string {
  if (field.message) return localName(field.message.typeName);
  if (field.enum) return localName(field.enum.typeName);
  return ScalarType[field.scalar!].toLowerCase();
}

function described(message: DescMessage): string {
  const fields = [...message.fields].sort((a, b) => a.number - b.number);
  const texts = fields.map((field) => {
    const label = field.fieldKind === "list" ? "repeated " : field.proto.proto3Optional ? "optional " : "";
    return `${field.number} \`${field.name}\` ${label}${typeOf(field)}`;
  });
  return texts.join("; ") || "none";
}

function describedValues({ values }: DescEnum): string {
  return values.map(({ number, localName: name }) => `${number} ${name}`).join("; ");
}

function messagesIn(messages: readonly DescMessage[]): DescMessage[] {
  return messages.flatMap((message) => [message, ...messagesIn(message.nestedMessages)]);
}

function describedCall({ input, output, methodKind }: DescMethod): string[] {
  const stream = methodKind === "server_streaming" ? "stream " : "";
  return [localName(input.typeName), `${stream}${localName(output.typeName)}`];
}

const messages = messagesIn(api.messages);
const enums = [...api.enums, ...messages.flatMap((message) => message.nestedEnums)];
const methods = api.services.flatMap((service) => service.methods);

describe("docs/modal-protocol.md", () => {
  test("shows every message with its fields, and no other", () => {
    const shown = [...rowsOf("message", "fields")].map(([name, [fields]]) => [name, fields]);
    expect(shown.sort()).toEqual(messages.map((each) => [localName(each.typeName), described(each)]).sort());
  });

  test("shows every enum with its values, and no other", () => {
    const shown = [...rowsOf("enum", "values")].map(([name, [values]]) => [name, values]);
    expect(shown.sort()).toEqual(
      enums.map((each) => [localName(each.typeName), describedValues(each)]).sort(),
    );
  });

  test("shows every call with its messages, and no other", () => {
    const shown = [...rowsOf("call", "request", "answer")].map(([name, cells]) => [
      name,
      ...cells.slice(0, 2),
    ]);
    expect(shown.sort()).toEqual(methods.map((each) => [each.name, ...describedCall(each)]).sort());
  });
});
