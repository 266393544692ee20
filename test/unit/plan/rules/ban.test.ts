import { describeRule } from "./support.js";

describeRule("ban");
