/** An error as the server answered it: `code` is its first word, for instance `MOVED`. */
export class ReplyError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }

  /** The first word, which says what kind of error it is. */
  get code(): string {
    const end = this.message.indexOf(" ");
    return end < 0 ? this.message : this.message.slice(0, end);
  }
}

/** What a server can answer in RESP2. Errors are values: one command's error is no other command's business. */
export type Reply = number | string | Buffer | null | ReplyError | Reply[];

/** The text of a reply that is one. */
export function textOf(reply: Reply | undefined): string | undefined {
  if (reply instanceof Buffer) return reply.toString();
  return typeof reply === "string" ? reply : undefined;
}

/** The items of a reply that is a list; none of any other. */
export function itemsOf(reply: Reply): readonly Reply[] {
  return Array.isArray(reply) ? reply : [];
}

/** The items of a list of names and values in turn, as texts. */
export function textPairsOf(reply: Reply): [name: string, value: string][] {
  const texts = itemsOf(reply).map((item) => textOf(item) ?? "");
  return texts.flatMap((name, at) => (at % 2 === 0 ? [[name, texts[at + 1] ?? ""]] : []));
}
