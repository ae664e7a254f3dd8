import { expect, test } from "vitest";
import { parseCredentials } from "./credentials.ts";

const credentials = { tokenId: "ak-1a", tokenSecret: "as-2b" };

test.each([
  ["two fields", " ak-1a ", "as-2b\n"],
  ["one field", "ak-1a:as-2b", ""],
  ["the secret field alone", "", "ak-1a:as-2b"],
  ["the lines of a server", "MODAL_SERVER_URL=http://x MODAL_TOKEN_ID=ak-1a MODAL_TOKEN_SECRET=as-2b", ""],
  ["a file of credentials", 'token_id = "ak-1a" token_secret = "as-2b"', ""],
])("credentials are found in %s", (_, id, secret) => {
  expect(parseCredentials(id, secret)).toEqual(credentials);
});

test.each([
  ["ak-1a", ""],
  ["", "as-2b"],
  ["1a", "2b"],
])("%j and %j are no credentials", (id, secret) => {
  expect(parseCredentials(id, secret)).toBeUndefined();
});
