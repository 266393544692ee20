import { describeRule } from "./support.js";

describeRule("online");
