// graphile-worker with a local queue and completions in batches, as fast as it goes.
//
//   graphile_worker.mjs drain URL COUNT    jobs per second, worked off after all were added
//   graphile_worker.mjs start URL COUNT    p99 in ms from adding a job to its start, one at a time
import { Logger, makeWorkerUtils, run } from "graphile-worker";

const [what, connectionString, count] = process.argv.slice(2);
const total = Number(count);
const logger = new Logger(() => () => {});

const preset = {
  worker: {
    connectionString,
    concurrentJobs: 24,
    maxPoolSize: 25,
    logger,
    localQueue: { size: 500 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
};

async function drain(utils) {
  for (let added = 0; added < total; added += 500) {
    const jobs = Array.from({ length: Math.min(500, total - added) }, (_, index) => ({
      identifier: "work",
      payload: { id: added + index },
    }));
    await utils.addJobs(jobs);
  }
  let done = 0;
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const begin = performance.now();
  const runner = await run({
    preset,
    noHandleSignals: true,
    taskList: { work: async () => void (++done === total && finish()) },
  });
  await finished;
  const seconds = (performance.now() - begin) / 1000;
  await runner.stop();
  return total / seconds;
}

async function start(utils) {
  let arrived;
  const runner = await run({
    preset: { worker: { ...preset.worker, localQueue: undefined } },
    noHandleSignals: true,
    taskList: { work: async () => arrived(performance.now()) },
  });
  const delays = [];
  for (let job = 0; job < total; ++job) {
    const arrival = new Promise((resolve) => (arrived = resolve));
    const added = performance.now();
    await utils.addJob("work", { id: job });
    delays.push((await arrival) - added);
  }
  await runner.stop();
  delays.sort((a, b) => a - b);
  return delays[Math.floor(delays.length * 0.99)];
}

const utils = await makeWorkerUtils({ connectionString, logger });
await utils.migrate();
console.log(await (what === "drain" ? drain(utils) : start(utils)));
await utils.release();
