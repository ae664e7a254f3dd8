import { decodeShownKey, decodeShownValue, formatValue } from "@everdict/pickle/show";
import type { Entry } from "@everdict/protocol";
import type { CliContext } from "../../cli-context.ts";
import { keyJsonText } from "../../values/key-json.ts";
import { toJsonText } from "../../values/to-json-text.ts";

/** What stands above {@link entryRow}. */
export const entryHeadings = ["Key", "Value"];

// Formatting stops here: even the widest terminal shows less of a cell.
const cellMaxLength = 4096;

/** Key and value as a row of a table. */
export function entryRow(context: CliContext): (entry: Entry) => string[] {
  const options = context.stdout.isTTY === true ? { maxLength: cellMaxLength } : {};
  return ({ key, value }) => [
    formatValue(decodeShownKey(key), options),
    formatValue(decodeShownValue(value), options),
  ];
}

/** Key and value as JSON, which `dict update --file` reads back. */
export function entryJson({ key, value }: Entry): string {
  return `{"key":${keyJsonText(key)},"value":${toJsonText(decodeShownValue(value))}}`;
}
