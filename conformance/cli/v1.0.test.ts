import { commandSuite } from "./command-suite.ts";

commandSuite("v1.0");
