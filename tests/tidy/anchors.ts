/** One line for each link of a document to a heading that its target does not have. `read` knows other documents. */
export function brokenAnchors(
  document: { readonly path: string; readonly text: string },
  read: (target: string) => string,
): string[] {
  const links = [...document.text.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)];
  return links
    .filter(([, target, anchor]) => {
      if (target !== "" && !target!.endsWith(".md")) return false;
      return !anchorsOf(target === "" ? document.text : read(target!)).has(anchor!);
    })
    .map(([, target, anchor]) => `${document.path}: ${target}#${anchor}`);
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  for (const [, heading] of text.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm)) {
    const anchor = heading!
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-");
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    anchors.add(before === 0 ? anchor : `${anchor}-${before}`);
  }
  return anchors;
}
