// npm start: from a bare machine to running VMs. Everything that is there already is left as it is.
import { setTimeout as delay } from "node:timers/promises";
import { quoted, writeEnvironmentFile } from "./environment.mjs";
import { hasLab, labUp, readLab } from "./lab.mjs";
import { environmentFile, root } from "./place.mjs";
import { rootPrefix } from "./process.mjs";
import { setUp } from "./set-up.mjs";
import { exampleVms, forgetStack, prepareStack, upExample } from "./stack.mjs";
import { runCommand, say, step } from "./step.mjs";
import { whyNoLab } from "./system-packages.mjs";

/** How long a guest may take from its address to its first answer, under emulation. */
const answerTimeoutMs = 60_000;

await runCommand(async () => {
  const obstacle = whyNoLab();
  if (obstacle !== undefined) {
    say(ownHostsText(obstacle));
    return 1;
  }
  await setUp({ lab: true });
  say("Lab");
  const labIsNew = !hasLab();
  await step("lab", labUp);
  await step("settings", writeEnvironmentFile);
  say("Example");
  // Hosts that are gone took their VMs with them: a stack that still names those would look for them on the new hosts.
  if (labIsNew) await step("stack of an earlier lab", forgetStack);
  await step("stack", prepareStack);
  await step("pulumi up", upExample);

  const lab = await readLab();
  const vms = await exampleVms();
  const answers = await Promise.all(vms.map(({ ipAddress }) => answerOf(ipAddress)));
  say("");
  say(table(["HOST", "ADDRESS", "URI"], lab.hosts.map(({ name, address, uri }) => [name, address, uri])));
  say("");
  say(table(["VM", "HOST", "IP ADDRESS", "SAYS ITS NAME IS"], vms.map((vm, i) => [vm.name, vm.host ?? "?", vm.ipAddress ?? "none yet", answers[i] ?? "no answer"])));
  say("");
  say(nextText());
  return answers.includes(undefined) ? 1 : 0;
});

/**
 * What a guest's HTTP server says: its host name, which it has from cloud-init.
 * @param {string | undefined} address
 * @returns {Promise<string | undefined>}
 */
async function answerOf(address) {
  if (address === undefined) return undefined;
  const end = Date.now() + answerTimeoutMs;
  while (Date.now() < end) {
    try {
      const answer = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(2_000) });
      return (await answer.text()).trim();
    } catch {
      // Not yet: it is still booting.
      await delay(500);
    }
  }
  return undefined;
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()}`).join("\n");
}

/** Lines that work as they are when they are pasted into a fresh shell. */
function nextText() {
  return [
    "What to try next: edit examples/three-hosts/index.ts, and",
    "",
    `  cd ${quoted(root)}`,
    "  npm run preview      # what would change",
    "  npm run up           # change it",
    "  npm run refresh      # what somebody changed by hand",
    `  ${rootPrefix()?.length === 0 ? "" : 'sudo env "PATH=$PATH" '}npx drover lab status`,
    "  npm run destroy      # the example's VMs, and all else that it made",
    "",
    "or with a bare pulumi:",
    "",
    `  . ${quoted(environmentFile)}`,
    `  cd ${quoted(root)} && pulumi preview`,
    "",
    "All of it down again, and nothing left:",
    "",
    `  cd ${quoted(root)} && npm run stop`,
  ].join("\n");
}

/** @param {string} obstacle */
function ownHostsText(obstacle) {
  return [
    `The embedded lab needs root on Linux, and ${obstacle}.`,
    "",
    "The example runs on hosts of your own as well: Linux machines with libvirt and sshd that `ssh root@HOST` reaches,",
    "a folder that all of them share, and a bridge to the guests' network.",
    "",
    `  cd ${quoted(root)}`,
    "  npm run setup",
    `  . ${quoted(environmentFile)}`,
    "  export PULUMI_STACK=mine",
    "  pulumi stack init mine --no-select",
    "  pulumi config set --path 'hosts[0]' kvm1.example.org",
    "  pulumi config set --path 'hosts[1]' kvm2.example.org",
    "  pulumi config set sharedFolder /srv/disks",
    "  pulumi config set bridge br0",
    "  pulumi config set image /path/to/debian-12-genericcloud-amd64.qcow2",
    "  pulumi up",
  ].join("\n");
}
