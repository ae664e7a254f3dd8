import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesBelow, root, type SourceFile } from "./source-files.ts";

/** The document that "protocol section 2.9" means. */
export const protocolDocument = "docs/modal-protocol.md";

/** Documents of others that anybody can find by this name. */
const publicDocuments = new Set(["PROTOCOL-HTTP2.md"]);

/** A file whose text may cite a document. */
export type CitingFile = Pick<SourceFile, "path" | "text">;

const number = String.raw`\d+(?:\.\d+)*`;
const citation = new RegExp(
  String.raw`(?:§|\bsections?)\s*(${number}(?:(?:, and|,| and| or| to)\s+${number})*)`,
  "gi",
);

/** Where files that may cite are: code, scripts and documents. These checks quote wrong citations, so not here. */
export function citingFilePaths(): string[] {
  const endings = [
    ".ts",
    ".mts",
    ".js",
    ".mjs",
    ".py",
    ".proto",
    ".lua",
    ".sh",
    ".md",
    ".txt",
    ".yml",
    ".yaml",
  ];
  return filesBelow(root, endings).filter((path) => !path.startsWith(join(root, "tests/tidy/")));
}

/** The numbers of a document's sections. */
export function sectionNumbers(document: string): Set<string> {
  return new Set([...document.matchAll(/^#{2,} (\d+(?:\.\d+)*) \S/gm)].map((each) => each[1]!));
}

/**
 * One line for each citation by number that leads nowhere: a section that the protocol's document does not have, or one
 * of no named document. RFCs name themselves.
 */
export function danglingCitations(file: CitingFile, protocolSections: ReadonlySet<string>): string[] {
  const prose = asProse(file.text);
  return [...prose.matchAll(citation)].flatMap((match) => {
    const before = prose.slice(Math.max(0, match.index - 40), match.index);
    const after = prose.slice(match.index + match[0].length);
    if (/\bRFC ?\d+(,|'s)? $/.test(before)) return [];
    if (!citesProtocol(file.path, before, after)) return [`${file.path}: "${match[0]}" of which document?`];
    return [...match[1]!.matchAll(new RegExp(number, "g"))]
      .filter(([cited]) => !protocolSections.has(cited))
      .map(([cited]) => `${file.path}: protocol section ${cited} is not in ${protocolDocument}`);
  });
}

function citesProtocol(path: string, before: string, after: string): boolean {
  if (path === protocolDocument) return true;
  if (/\bsession protocol $/i.test(before)) return false;
  return /\bprotocol,? (\($)?$/i.test(before) || /^ of the protocol\b/i.test(after);
}

/** One line for each document that a file names and that is neither in the repository nor public, or has no name. */
export function unknownDocuments(file: CitingFile): string[] {
  const prose = asProse(file.text);
  const nameless = [...prose.matchAll(/\bthe (specification|spec|protocol (document|notes))\b(?! of\b)/gi)];
  // Links of documents are checked as links.
  const named = file.path.endsWith(".md") ? [] : [...prose.matchAll(/[\w./-]*\w\.md\b/g)];
  return [
    ...nameless.map(([text]) => `${file.path}: "${text}" names no document`),
    ...named
      .filter(([name]) => !publicDocuments.has(name) && !isHere(name, file.path))
      .map(([name]) => `${file.path}: there is no document ${name}`),
  ];
}

function isHere(name: string, citedBy: string): boolean {
  return [".", "docs", dirname(citedBy)].some((folder) => existsSync(join(root, folder, name)));
}

/** The text with line breaks, and what begins the lines of a comment, as one space. */
function asProse(text: string): string {
  return text.replaceAll(/[ \t]*\r?\n[ \t]*(?:\/\/+|\*(?!\/)|#+|--)?[ \t]*/g, " ");
}
