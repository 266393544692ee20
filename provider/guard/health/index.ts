/** What a host's own trouble looks like; one kind is one file, and a line here. */
import { disks } from "./disks.js";
import { memory } from "./memory.js";
import { paths } from "./paths.js";
import type { Sign } from "./sign.js";
import { storage } from "./storage.js";
import { temperature } from "./temperature.js";

export const signs: readonly Sign[] = [memory, temperature, disks, paths, storage];
