import { commandSuite } from "./command-suite.ts";

commandSuite("newest");
