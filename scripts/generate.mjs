// `npm run generate`: makes what is derived: protobuf code from proto/, docs/errors.md from the error table.
// tests/generated.test.ts fails if the checked-in files differ from what this writes.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, ensureInstalled, root, tool } from "./ensure-installed.mjs";
import { renderErrorDocs } from "./render-error-docs.mjs";

ensureInstalled();
tool("buf", ["generate"]);
build();
const { errorTable, Status } = await import(join(root, "packages/protocol/dist/index.js"));
writeFileSync(join(root, "docs/errors.md"), renderErrorDocs(errorTable, Status));
