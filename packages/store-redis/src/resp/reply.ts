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
