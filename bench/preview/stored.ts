import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StackState } from "../../cli/stack-state.js";
import { PulumiProject, type ProjectOptions } from "../../test/lab/support/pulumi.js";

/** A project whose stack has this state; nothing of it is destroyed at its end, for nothing of it was made. */
export async function whileStored(options: ProjectOptions, state: StackState, task: (project: PulumiProject) => Promise<void>): Promise<void> {
  const project = await PulumiProject.create(options);
  const file = join(project.folder, "import.json");
  const store = async (deployment: StackState): Promise<void> => {
    await writeFile(file, JSON.stringify(deployment));
    await project.command(["stack", "import", "--file", file]);
  };
  try {
    await store(state);
    await task(project);
  } finally {
    await store({ ...state, deployment: { ...state.deployment, resources: [] } });
    await project.remove();
  }
}
