/** What runs in each thread of `streams.ts`: some streams of the search, which do what they are told round by round. */
import { parentPort, workerData } from "node:worker_threads";
import { Annealing } from "./anneal.js";
import type { Order, RoundReport, StreamPosition, ThreadTask } from "./streams.js";

const { problem, seeds } = workerData as ThreadTask;
const streams = seeds.map((seed) => new Annealing(problem, seed));

parentPort?.on("message", (order: Order) => {
  parentPort?.postMessage(carryOut(order));
});

function carryOut(order: Order): unknown {
  switch (order.kind) {
    case "round":
      for (const stream of streams) stream.run(order.moves, order.firstStep, order.endStep);
      return streams.map(({ bestCost, score, evaluated }): RoundReport => ({ bestCost, score, evaluated }));
    case "position":
      return streams.map(({ state }): StreamPosition => ({ hosts: state.hostOf, penalty: state.penalty }));
    case "adopt":
      streams[order.stream]?.adopt(order.position.hosts, order.position.penalty);
      return null;
    case "best":
      return streams.map(({ best }) => best);
  }
}
