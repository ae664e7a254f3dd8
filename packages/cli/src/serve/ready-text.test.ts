import { expect, test } from "vitest";
import { type ReadyServer, readyText } from "./ready-text.ts";

const server: ReadyServer = {
  version: "1.0.0",
  url: "http://127.0.0.1:7227",
  directory: "/srv/everdict",
  credentials: { kind: "file", tokenId: "ak-1", path: "/srv/everdict/credentials" },
  isFound: true,
};

test("says where the dashboard is and what signs in", () => {
  expect(readyText({ ...server, hasDashboard: true })).toContain(
    "The dashboard is at http://127.0.0.1:7227 for browsers; sign in with the token in /srv/everdict/credentials.",
  );
});

test("says that the dashboard is not built, and nothing of one that nobody asked for", () => {
  expect(readyText({ ...server, hasDashboard: false })).toContain('is not built ("npm run build")');
  expect(readyText(server)).not.toContain("dashboard");
});
