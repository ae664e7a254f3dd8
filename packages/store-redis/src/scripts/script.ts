import { createHash } from "node:crypto";

/**
 * A script that servers run as one step. It is known by the hash of its text, so nothing has to be deployed: a server
 * that does not have it gets the text.
 */
export class Script {
  readonly text: string;
  readonly sha: string;
  /** How it is called by its hash. */
  readonly call: readonly ["EVALSHA", string];

  constructor(text: string) {
    this.text = text.trim();
    this.sha = createHash("sha1").update(this.text).digest("hex");
    this.call = ["EVALSHA", this.sha];
  }
}
