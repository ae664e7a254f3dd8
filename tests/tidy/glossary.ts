/** A row of the glossary: a word and the file or folder, from the project's root, that has to use it. */
export interface GlossaryRow {
  readonly word: string;
  readonly place: string;
}

/** The rows of the table under `## Glossary`. */
export function glossaryRows(architecture: string): GlossaryRow[] {
  const [, section = ""] = /^## Glossary\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(architecture) ?? [];
  return [...section.matchAll(/^\| (\S[^|]*?) \|[^|]*\| `([^`|]+)` \|$/gm)].map((each) => ({
    word: each[1]!,
    place: each[2]!,
  }));
}

/**
 * Whether a text uses a word, its plural included, by itself or in a name: "write buffer" is in `writeBuffers` and in
 * `write-buffer`, and "part" is not in "partial".
 */
export function usesWord(text: string, word: string): boolean {
  const parts = word.split(" ");
  const capitals = parts.map((part) => part[0]!.toUpperCase() + part.slice(1));
  const eitherCase = parts.map((part, at) => `(?:${part}|${capitals[at]!})`);
  const end = "s?(?![a-z])";
  const alone = `(?<![A-Za-z])${eitherCase.join("[\\s*/-]*")}${end}`;
  return new RegExp(`${alone}|${capitals.join("")}${end}`).test(text);
}

/** The folders and files of `packages/` that a document names in backticks, from `packages/` on or without it. */
export function namedPlaces(architecture: string): string[] {
  const names = [...architecture.matchAll(/`(?:packages\/)?([a-z-]+\/src\/[\w./-]*)`/g)];
  return [...new Set(names.map((each) => `packages/${each[1]!}`))];
}
