import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { labCommand } from "../../../cli/lab.js";

describe("drover lab by somebody who is not root", () => {
  for (const words of [["up"], ["down"], ["status"], ["shell", "ash"], ["break", "ash"], ["heal", "ash"]]) {
    it(`${words.join(" ")} says that it needs root, and not that the hosts are down`, async () => {
      const { getuid } = process;
      process.getuid = () => 1000;
      try {
        await assert.rejects(labCommand().parseAsync([...words, "--name", "nowhere"], { from: "user" }), /run drover lab \w+: the lab needs root on Linux[^]*sudo env/);
      } finally {
        Object.assign(process, { getuid });
      }
    });
  }
});
