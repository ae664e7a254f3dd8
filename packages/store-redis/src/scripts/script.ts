import { createHash } from "node:crypto";
import type { Argument } from "../resp/command-writer.ts";

/**
 * A script that servers run as one step. It is known by the hash of its text, so nothing has to be deployed: a server
 * that does not have it gets the text.
 */
export class Script {
  /** Makes its arguments ready to be sent again, when an earlier attempt may have had its effect. */
  readonly renew: ((command: readonly Argument[]) => void) | undefined;
  readonly text: string;
  readonly sha: string;
  /** How it is called by its hash. */
  readonly call: readonly ["EVALSHA", string];

  constructor(text: string, renew?: (command: readonly Argument[]) => void) {
    this.renew = renew;
    this.text = text.trim();
    this.sha = createHash("sha1").update(this.text).digest("hex");
    this.call = ["EVALSHA", this.sha];
  }
}
