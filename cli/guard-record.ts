import { resolve } from "node:path";
import { DroverError } from "../provider/base/error.js";
import { recordConfig } from "../provider/kinds/placement/index.js";
import type { RecordConfig } from "../provider/record/config.js";
import type { GuardRecord } from "../provider/schema/index.js";

/**
 * Which record a guard uses: that of the cluster's `guard`, or what the command line says for a cluster without one. A guard and `pulumi up`
 * that use two records keep out of nobody's way, so that the two may not contradict each other.
 * @throws DroverError when they do, or none of them says where
 */
export async function guardRecord({ etcd, record }: { readonly etcd?: readonly string[]; readonly record?: string }, guard: GuardRecord | undefined): Promise<RecordConfig> {
  if (etcd !== undefined && record !== undefined) throw unclear("--etcd and --record are two records", "say one of them");
  if (guard === undefined) {
    if (etcd !== undefined) return { etcd: { endpoints: etcd } };
    if (record !== undefined) return { directory: record };
    throw unclear("where its record is was not said", "give the cluster a `guard` in the program, or say --etcd URL, or --record DIRECTORY for a single guard");
  }
  const next = "leave --etcd and --record out, or change the cluster's `guard` and run `pulumi up`";
  if (record !== undefined && (guard.directory === undefined || resolve(record) !== resolve(guard.directory))) throw unclear(`--record ${record} is not the record of the cluster's \`guard\`, which \`pulumi up\` goes by`, next);
  // Another way to the same members is no other record.
  if (etcd !== undefined && guard.etcd?.some((endpoint) => etcd.includes(endpoint)) !== true) throw unclear(`--etcd ${etcd.join(" ")} names no endpoint of the cluster's \`guard\`, which \`pulumi up\` goes by`, next);
  return await recordConfig(etcd === undefined ? guard : { ...guard, etcd: [...etcd] });
}

function unclear(answer: string, next: string): DroverError {
  return new DroverError({ attempted: "start a guard", answer, next });
}
