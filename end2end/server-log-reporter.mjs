// Prints what the server said when a test has failed: the page rarely knows why.
import { existsSync, readFileSync } from "node:fs";
import { SERVER_LOG } from "./server.mjs";

/** Enough for the requests around a failure; the whole log stays in artifacts/. */
const LINES_MAX = 200;

export default class ServerLogReporter {
  printsToStdio() {
    return false;
  }

  onEnd(result) {
    if (result.status === "passed" || !existsSync(SERVER_LOG)) return;
    const lines = readFileSync(SERVER_LOG, "utf8").trimEnd().split("\n");
    console.log(`\nThe server's last ${Math.min(lines.length, LINES_MAX)} lines (all of them: ${SERVER_LOG}):`);
    console.log(lines.slice(-LINES_MAX).join("\n"));
  }
}
