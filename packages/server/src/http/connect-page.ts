/**
 * The page at `/`: what this server is and how to connect. No secrets, no scripts.
 *
 * @param url the server's address; only letters, digits and `.:[]/-`.
 */
export function connectPage(url: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Everdict</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
  pre { background: color-mix(in srgb, currentColor 8%, transparent); padding: 1rem; border-radius: 8px; overflow-x: auto; }
  code { font-family: ui-monospace, monospace; font-size: 0.9em; }
</style>
</head>
<body>
<h1>Everdict</h1>
<p>A self-hosted distributed dictionary with the semantics of Python's <code>modal.Dict</code>. This address serves
programs; it is up and running.</p>
<h2>From Python</h2>
<pre><code>export MODAL_SERVER_URL=${url}
export MODAL_TOKEN_ID=ak-…  MODAL_TOKEN_SECRET=as-…

import modal
jobs = modal.Dict.from_name("jobs", create_if_missing=True)
jobs["first"] = {"state": "done"}</code></pre>
<h2>From TypeScript</h2>
<pre><code>export EVERDICT_URL=${url}
export MODAL_TOKEN_ID=ak-…  MODAL_TOKEN_SECRET=as-…

import { Dict } from "everdict";
const jobs = Dict.fromName("jobs", { createIfMissing: true });
console.log(await jobs.get("first"));</code></pre>
<p>The server printed a token at its first start and keeps it in the file <code>credentials</code> of its data
directory. <code>everdict token create</code> makes more.</p>
<p><a href="/healthz">Health</a> · <a href="/readyz">Readiness</a></p>
</body>
</html>
`;
}
