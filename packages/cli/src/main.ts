import { processContext } from "./cli-context.ts";
import { runCli } from "./run-cli.ts";

const argv = process.argv.slice(2);

// A reader that has seen enough (`everdict dict items jobs | head`) closes the pipe; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCli(argv, processContext(argv));
