// BullMQ on Redis: jobs per second, worked off after all were added.
//
//   bullmq.mjs PORT COUNT
import { Queue, Worker } from "bullmq";

const [port, count] = process.argv.slice(2).map(Number);
const connection = { host: "127.0.0.1", port, maxRetriesPerRequest: null };
const queue = new Queue("bench", { connection });
await queue.obliterate({ force: true });
for (let added = 0; added < count; added += 500) {
  await queue.addBulk(
    Array.from({ length: Math.min(500, count - added) }, (_, index) => ({
      name: "work",
      data: { id: added + index },
      opts: { removeOnComplete: true },
    })),
  );
}
let done = 0;
let finish;
const finished = new Promise((resolve) => (finish = resolve));
const begin = performance.now();
const worker = new Worker("bench", async () => {}, { connection, concurrency: 24 });
worker.on("completed", () => void (++done === count && finish()));
await finished;
console.log((count * 1000) / (performance.now() - begin));
await worker.close();
await queue.close();
