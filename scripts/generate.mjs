// `npm run generate`: makes what is derived: protobuf code from proto/, docs/errors.md from the error table and
// from mistakes that it makes, docs/limits.md from
// the table of limits, the table in docs/security.md from the table of permissions, the table of types in the README of
// packages/pickle from the code's own, the descriptor of our own service for Python from the protobuf code.
// tests/generated.test.ts fails if the checked-in files differ from what this writes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { damageMatrix, withDamageMatrix } from "../packages/cli/scripts/render-damage-matrix.mjs";
import { withTypeTable } from "../packages/pickle/scripts/render-type-table.mjs";
import { build, ensureInstalled, root, tool } from "./ensure-installed.mjs";
import { renderErrorDocs } from "./render-error-docs.mjs";
import { renderLimitDocs } from "./render-limit-docs.mjs";
import { permissionRows, withPermissionTable } from "./render-permission-docs.mjs";
import { renderPythonProto } from "./render-python-proto.mjs";
import { typicalMistakes } from "./typical-mistakes.mjs";

ensureInstalled();
tool("buf", ["generate"]);
build();
const protocol = await import(join(root, "packages/protocol/dist/index.js"));
const { errorTable, limitDefaults, limitTable, Status } = protocol;
const mistakes = await typicalMistakes(await import(join(root, "packages/client/dist/index.js")));
writeFileSync(join(root, "docs/errors.md"), renderErrorDocs(errorTable, Status, mistakes));
writeFileSync(join(root, "docs/limits.md"), renderLimitDocs(limitTable, limitDefaults));
const securityDocs = join(root, "docs/security.md");
const securityText = readFileSync(securityDocs, "utf8");
writeFileSync(securityDocs, withPermissionTable(securityText, permissionRows(protocol), protocol.roles));
const { typeTable } = await import(join(root, "packages/pickle/dist/types/type-table.js"));
const { file_everdict_v1_dicts } = await import(
  join(root, "packages/protocol/dist/gen/everdict/v1/dicts_pb.js")
);
writeFileSync(
  join(root, "python/everdict/src/everdict/_dicts_proto.py"),
  renderPythonProto(file_everdict_v1_dicts),
);
const pickleReadme = join(root, "packages/pickle/README.md");
writeFileSync(pickleReadme, withTypeTable(readFileSync(pickleReadme, "utf8"), typeTable));
const backups = join(root, "docs/backups.md");
writeFileSync(backups, withDamageMatrix(readFileSync(backups, "utf8"), await damageMatrix()));
