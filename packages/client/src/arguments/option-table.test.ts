// No public method that takes options is missing from the table, nor any option of a method.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DictChange, NewToken } from "@everdict/protocol";
import { parseSync } from "oxc-parser";
import { expect, expectTypeOf, test } from "vitest";
import type { CloseOptions, ConnectOptions, ServiceOptions } from "../client.ts";
import type {
  CreateDictOptions,
  DeleteDictOptions,
  DictLocation,
  ListDictsOptions,
} from "../dict-objects.ts";
import type {
  FromNameOptions,
  IncrementOptions,
  NewDictOptions,
  TimeToLiveOptions,
} from "../dict-options.ts";
import type { EnvironmentChange } from "../environments.ts";
import * as client from "../index.ts";
import type { RequestOptions } from "../request-options.ts";
import { type CheckedMethod, optionTable } from "./option-table.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const publicNames = new Set([...Object.keys(client), "ModalDict", "connectTokens", "ServerTokens"]);

/** How messages name the methods of a class: those that are called on the class, and on an instance. */
const prefixes: Record<string, { readonly static: string; readonly instance: string }> = {
  Dict: { static: "Dict.", instance: "" },
  DictObjects: { static: "", instance: "Dict.objects." },
  Client: { static: "Client.", instance: "client." },
  Environments: { static: "", instance: "environments." },
  ModalDict: { static: "", instance: "" },
  Transaction: { static: "", instance: "transaction." },
  ServerTokens: { static: "", instance: "tokens." },
};

/** Every public function and method with options in one file, as messages name it. */
function methodsIn(file: string): string[] {
  const text = readFileSync(folder + file, "utf8");
  const { program, comments } = parseSync(file, text);
  const takesOptions = (parameters: readonly { readonly start: number; readonly end: number }[]): boolean =>
    parameters.some(({ start, end }) =>
      /Options\b|: \{|: NewToken$|: EnvironmentChange$/.test(text.slice(start, end)),
    );
  const isInternal = (start: number): boolean =>
    comments.some(
      ({ value, end }) => end <= start && text.slice(end, start).trim() === "" && value.includes("@internal"),
    );
  const found: string[] = [];
  for (const statement of program.body) {
    const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declared?.type === "FunctionDeclaration" && publicNames.has(declared.id?.name ?? "")) {
      if (takesOptions(declared.params)) found.push(declared.id!.name);
    }
    if (declared?.type !== "ClassDeclaration" || !publicNames.has(declared.id?.name ?? "")) continue;
    const prefix = prefixes[declared.id!.name]!;
    for (const member of declared.body.body) {
      if (member.type !== "MethodDefinition" || member.kind !== "method") continue;
      if (member.key.type !== "Identifier" || isInternal(member.start)) continue;
      if (!takesOptions(member.value.params)) continue;
      found.push((member.static ? prefix.static : prefix.instance) + member.key.name);
    }
  }
  return found;
}

/** What the methods of a dictionary take: their last argument. */
type DictOptions = { [Method in Extract<keyof client.Dict, CheckedMethod>]: LastOf<client.Dict[Method]> };
type LastOf<Call> = Call extends (...given: infer Given) => unknown
  ? Required<Given> extends [...unknown[], infer Last]
    ? Exclude<Last, undefined>
    : never
  : never;

/** What each method takes. */
interface Options extends DictOptions {
  "Dict.fromName": FromNameOptions<unknown, unknown>;
  "Dict.lookup": FromNameOptions<unknown, unknown> & RequestOptions;
  "Dict.fromId": Pick<DictLocation, "client">;
  "Dict.ephemeral": NewDictOptions<unknown, unknown> & RequestOptions;
  "Dict.delete": DeleteDictOptions;
  "Dict.objects.create": CreateDictOptions;
  "Dict.objects.list": ListDictsOptions;
  "Dict.objects.delete": DeleteDictOptions;
  "Client.connect": ConnectOptions;
  "Client.fromService": ServiceOptions;
  "configure, the change": DictChange;
  "transaction.put": TimeToLiveOptions;
  "transaction.increment": IncrementOptions;
  "transaction.touch": TimeToLiveOptions;
  "transaction.commit": RequestOptions;
  "client.service": RequestOptions;
  "client.role": RequestOptions;
  "client.supports": RequestOptions;
  "client.close": CloseOptions;
  "environments.list": RequestOptions;
  "environments.get": RequestOptions;
  "environments.create": RequestOptions;
  "environments.update": RequestOptions;
  "environments.update, the change": EnvironmentChange;
  "environments.delete": RequestOptions;
  connectTokens: ConnectOptions;
  "tokens.create": NewToken;
}

test("every public method that takes options has a row, and every row a method and its options", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  const methods = new Set(files.flatMap(methodsIn));
  const rows = Object.keys(optionTable).filter((row) => !row.includes(", "));
  expect([...methods].sort()).toEqual(rows.sort());
  expect(methods).toContain("put");
  // By the compiler: each row has exactly the options of its method.
  type Named = { [Method in CheckedMethod]: keyof (typeof optionTable)[Method] };
  expectTypeOf<Named>().toEqualTypeOf<{ [Method in keyof Options]: keyof Options[Method] }>();
});
