import { lineAt, type SourceFile } from "./source-files.ts";

/** The longest line of a document; tables, code and generated parts may have longer ones. */
const lineMaxLength = 140;

/** Words that make a newcomer stop: each has a plainer one. */
const unplainWords = /\b(whoever|whomever|answers whether|is there already)\b/i;

/** One line for each line of a document that is too long, or that uses a word of a dialect. */
export function unplainLines(document: { readonly path: string; readonly text: string }): string[] {
  return proseLines(document.text).flatMap(({ number, line }) => {
    const place = `${document.path}:${number}`;
    const long = line.length > lineMaxLength ? [`${place}: ${line.length} characters`] : [];
    const [word] = unplainWords.exec(line) ?? [];
    return word === undefined ? long : [...long, `${place}: "${word}"`];
  });
}

/** One line for each comment of a source file that uses a word of a dialect. */
export function unplainComments(file: SourceFile): string[] {
  return file.parsed.comments.flatMap(({ value, start }) => {
    const [word] = unplainWords.exec(value.replaceAll(/\n[\s*]*/g, " ")) ?? [];
    return word === undefined ? [] : [`${file.path}:${lineAt(file.text, start)}: "${word}"`];
  });
}

/** The lines of a document outside of tables, code, and what stands between `<!-- begin … -->` and `<!-- end … -->`. */
function proseLines(text: string): { number: number; line: string }[] {
  let isCode = false;
  let isGenerated = false;
  return text.split("\n").flatMap((line, index) => {
    const isFence = line.trimStart().startsWith("```");
    if (isFence) isCode = !isCode;
    if (line.startsWith("<!-- begin ")) isGenerated = true;
    if (line.startsWith("<!-- end ")) isGenerated = false;
    const isTable = line.trimStart().startsWith("|");
    return isFence || isCode || isGenerated || isTable ? [] : [{ number: index + 1, line }];
  });
}
