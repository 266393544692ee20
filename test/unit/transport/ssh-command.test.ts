import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import fc from "fast-check";
import { quoteCommand } from "../../../provider/transport/ssh-command.js";

describe("quoteCommand", () => {
  it("keeps plain words as they are", () => {
    assert.equal(quoteCommand(["mkdir", "-p", "/srv/disks"]), "mkdir -p /srv/disks");
  });

  it("hands any arguments to the program unchanged", () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !text.includes("\0")), { minLength: 1, maxLength: 5 }), (args) => {
      const output = execFileSync("sh", ["-c", quoteCommand(["printf", "%s\\0", ...args])], { encoding: "utf8" });
      assert.deepEqual(output.split("\0").slice(0, -1), args);
    }), { numRuns: 60 });
  });

  it("does not let an argument become an assignment, an option of the shell or a pattern", () => {
    for (const word of ["A=b", "*", "~", "$HOME", "`id`", "a;b", "a\nb", "!x", "", "#", "{a,b}"]) {
      assert.equal(execFileSync("bash", ["-c", quoteCommand(["printf", "%s", word])], { encoding: "utf8" }), word);
    }
    assert.throws(() => execFileSync("sh", ["-c", quoteCommand(["A=b", "true"])], { stdio: "ignore" }));
  });

  it("refuses what no program can receive", () => {
    assert.throws(() => quoteCommand(["echo", "a\0b"]), /NUL/);
    assert.throws(() => quoteCommand([]), /empty/);
  });
});
