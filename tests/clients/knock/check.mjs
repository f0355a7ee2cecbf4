// Checks a running Driftwood with Knock's own clients. Prints a line a check: "ok <name>" or "not ok <name>: why".
import Knock from "@knocklabs/node";
import { Knock as OldKnock } from "knock-old";
import { readFileSync } from "node:fs";
import { check, native, otherToken, readToken, same, sleep, token, until, url as baseURL } from "./checks.mjs";

const knock = new Knock({ apiKey: token, baseURL });
const other = new Knock({ apiKey: otherToken, baseURL });
const reader = new Knock({ apiKey: readToken, baseURL });
const old = new OldKnock(token, { host: baseURL });

/** Waits for the end of an operation, as programs do. */
const finish = (operation, client = knock) =>
  until(() => client.bulkOperations.get(operation.id), (seen) => seen.status === "completed" || seen.status === "failed");

const outcome = (operation) =>
  `${operation.status} ${operation.processed_rows}/${operation.estimated_total_rows} ${operation.success_count} ${operation.error_count}`;

/** The old client does not come again by itself. */
async function patiently(call) {
  for (let n = 0; ; n++) {
    try {
      return await call();
    } catch (error) {
      if (error.status !== 429 || n === 20) throw error;
      await sleep(1100);
    }
  }
}

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error("was not refused");
}

const names = (count, prefix) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

await native("record-types-create", { key: "cars", name: "Cars" });
await native("fields-create", { record_type: "cars", key: "price", kind: "integer" });

await check("users are identified", async () => {
  const operation = await knock.users.bulk.identify({
    users: [{ id: "user_1", name: "Jane Doe", email: "jane@ingen.example" }, { id: "user_2", city: "Oslo" }],
  });
  same([operation.__typename, operation.name, operation.status, operation.estimated_total_rows], ["BulkOperation", "users.identify", "queued", 2]);
  const done = await finish(operation);
  same(outcome(done), "completed 2/2 2 0");
  same([typeof done.started_at, typeof done.completed_at, done.failed_at, done.error_items], ["string", "string", null, []]);
});

await check("progress_path is a path that the client gets", async () => {
  const operation = await finish(await knock.users.bulk.identify({ users: [{ id: "user_2" }] }));
  const seen = await knock.get(operation.progress_path);
  same(seen, operation);
});

await check("a user is read", async () => {
  const user = await knock.users.get("user_1");
  same([user.__typename, user.id, user.name, user.email, user.phone_number], ["User", "user_1", "Jane Doe", "jane@ingen.example", null]);
});

await check("the job is a native one of the same id", async () => {
  const operation = await finish(await knock.users.bulk.identify({ users: [{ id: "user_3" }] }));
  const job = await native("bulk-jobs-get", { id: operation.id });
  same([job.entity_type, job.operation, job.status, job.success_count], ["contacts", "upsert", "completed", 1]);
});

await check("a thousand objects are set of which five are bad", async () => {
  const bad = [0, 17, 500, 998, 999];
  const objects = names(1000, "car_").map((id, n) => ({ id, name: `Car ${n}`, price: bad.includes(n) ? "dear" : n }));
  const done = await finish(await knock.objects.bulk.set("cars", { objects }));
  same([done.name, outcome(done)], ["objects.set", "completed 1000/1000 995 5"]);
  same(done.error_items, bad.map((n) => ({ id: `car_${n}`, collection: "cars" })));
  const results = await native("bulk-jobs-results", { id: done.id, outcome: "failed" });
  same(results.items.map((item) => `${item.index} ${item.external_id} ${item.code}`), bad.map((n) => `${n} car_${n} invalid_integer`));
});

await check("objects are paged by the client", async () => {
  let count = 0;
  for await (const object of knock.objects.list("cars", { page_size: 50 })) {
    if (object.__typename !== "Object" || object.collection !== "cars") throw new Error(JSON.stringify(object));
    count++;
  }
  same(count, 995);
});

await check("pages go back by before", async () => {
  const first = await knock.objects.list("cars", { page_size: 10 });
  const second = await first.getNextPage();
  const back = await knock.objects.list("cars", { page_size: 10, before: second.page_info.before });
  same(back.entries.map((object) => object.id), first.entries.map((object) => object.id));
});

await check("an object is read with its properties", async () => {
  const object = await knock.objects.get("cars", "car_1");
  same([object.id, object.properties.name, object.properties.price], ["car_1", "Car 1", 1]);
});

await check("an id may hold a slash, blanks and a percent sign", async () => {
  const id = "a/b c@d 100%";
  await finish(await knock.objects.bulk.set("cars", { objects: [{ id }] }));
  const object = await knock.objects.get("cars", id);
  same([object.id, object.properties.name], [id, id]);
  same(outcome(await finish(await knock.objects.bulk.delete("cars", { object_ids: [id, id] }))), "completed 1/1 1 0");
  same((await refusal(() => knock.objects.get("cars", id))).status, 404);
});

await check("tenants are set by id alone and by object", async () => {
  const done = await finish(await knock.tenants.bulk.set({ tenants: ["tenant_1", { id: "tenant_2", name: "Acme Corp" }] }));
  same(outcome(done), "completed 2/2 2 0");
  const [first, second] = [await knock.tenants.get("tenant_1"), await knock.tenants.get("tenant_2")];
  same([first.__typename, first.name, first.settings, second.name], ["Tenant", "tenant_1", null, "Acme Corp"]);
});

await check("a tenant keeps its name", async () => {
  await finish(await knock.tenants.bulk.set({ tenants: ["tenant_2"] }));
  same((await knock.tenants.get("tenant_2")).name, "Acme Corp");
});

await check("tenants are found by name", async () => {
  const page = await knock.tenants.list({ name: "acme corp" });
  same(page.entries.map((tenant) => tenant.id), ["tenant_2"]);
});

const tenants = names(1000, "tenant-with-a-longer-id-").map((id) => `${id}/é`);
await check("a thousand tenants are deleted by their ids in the URL", async () => {
  await finish(await knock.tenants.bulk.set({ tenants: tenants.slice(1) }));
  const done = await finish(await knock.tenants.bulk.delete({ tenant_ids: tenants }));
  same([done.name, outcome(done)], ["tenants.delete", "completed 1000/1000 999 1"]);
  same(done.error_items, [{ id: tenants[0], collection: "$tenants" }]);
});

await check("users are deleted and unknown ids fail alone", async () => {
  const done = await finish(await knock.users.bulk.delete({ user_ids: ["user_3", "nobody"] }));
  same([done.name, outcome(done)], ["users.delete", "completed 2/2 1 1"]);
  same(done.error_items.map((item) => item.id), ["nobody"]);
});

await check("a validation error says which items are wrong", async () => {
  const error = await refusal(() => knock.users.bulk.identify({ users: [{ id: "a" }, { name: "no id" }, "text"] }));
  same([error.constructor.name, error.status, error.error.code], ["UnprocessableEntityError", 422, "invalid_params"]);
  same(error.error.errors.map((each) => `${each.field} ${each.type}`), ["users[1].id required", "users[2] wrong_type"]);
  same(error.message.startsWith("422 One or more parameters supplied were invalid"), true);
});

await check("an unknown property names the call that makes its field", async () => {
  const error = await refusal(() => knock.users.bulk.identify({ users: [{ id: "a", plan: "pro" }] }));
  same(error.error.errors[0].field, "users[0].plan");
  const call = error.error.errors[0].message.match(/fields-create (\{.*?\})/)[1];
  await native("fields-create", JSON.parse(call));
  same(outcome(await finish(await knock.users.bulk.identify({ users: [{ id: "a", plan: "pro" }] }))), "completed 1/1 1 0");
  same((await knock.users.get("a")).plan, "pro");
});

await check("more than a thousand items are refused", async () => {
  const error = await refusal(() => knock.users.bulk.delete({ user_ids: names(1001, "u") }));
  same([error.status, error.error.errors[0].type], [422, "out_of_range"]);
});

await check("an unknown operation is not found", async () => {
  const error = await refusal(() => knock.bulkOperations.get("00000000-0000-7000-8000-000000000000"));
  same([error.constructor.name, error.status, error.error.code], ["NotFoundError", 404, "resource_missing"]);
});

await check("an unknown collection is not found", async () => {
  same((await refusal(() => knock.objects.bulk.set("planes", { objects: [{ id: "a" }] }))).status, 404);
});

await check("a wrong token is refused", async () => {
  const error = await refusal(() => new Knock({ apiKey: "sk_test_1", baseURL }).users.get("a"));
  same([error.constructor.name, error.status, error.error.code], ["AuthenticationError", 401, "api_key_missing"]);
});

await check("a token without the scope is refused", async () => {
  const error = await refusal(() => reader.users.bulk.delete({ user_ids: ["a"] }));
  same([error.constructor.name, error.status, error.error.code], ["PermissionDeniedError", 403, "authorization"]);
  same((await reader.users.list()).entries, []);
});

await check("an account does not see another one's entities", async () => {
  same((await refusal(() => other.users.get("user_1"))).status, 404);
  same((await other.users.list()).entries, []);
  same(outcome(await finish(await other.users.bulk.delete({ user_ids: ["user_1"] }), other)), "completed 1/1 0 1");
  same((await knock.users.get("user_1")).id, "user_1");
});

await check("an account does not see another one's operations", async () => {
  const operation = await knock.users.bulk.identify({ users: [{ id: "user_1" }] });
  same((await refusal(() => other.bulkOperations.get(operation.id))).status, 404);
  await finish(operation);
});

await check("a lost answer is had again with the same key, and one job was made", async () => {
  const before = (await native("bulk-jobs-list", { limit: 1000 })).items.length;
  const keys = [];
  let replayed;
  const losing = new Knock({
    apiKey: token,
    baseURL,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (response.status === 429) return response;
      keys.push(new Headers(init.headers).get("idempotency-key"));
      if (keys.length === 1) throw new TypeError("the connection was lost");
      replayed = response.headers.get("idempotent-replayed");
      return response;
    },
    maxRetries: 5,
  });
  const operation = await losing.users.bulk.identify({ users: [{ id: "lost" }] });
  same([keys.length, keys[0] === keys[1], keys[0].startsWith("stainless-node-retry-"), replayed], [2, true, true, "true"]);
  same(outcome(await finish(operation)), "completed 1/1 1 0");
  same((await native("bulk-jobs-list", { limit: 1000 })).items.length, before + 1);
});

await check("a key used for another request is refused", async () => {
  const idempotencyKey = "one-key";
  await knock.tenants.bulk.delete({ tenant_ids: ["x"] }, { idempotencyKey });
  const error = await refusal(() => knock.tenants.bulk.delete({ tenant_ids: ["y"] }, { idempotencyKey }));
  same([error.status, error.error.code, error.error.type], [422, "idempotency_mismatch", "idempotency_error"]);
});

await check("a second request within a second is refused with the time to wait", async () => {
  const impatient = new Knock({ apiKey: token, baseURL, maxRetries: 0 });
  const answers = await Promise.allSettled(names(8, "r").map((id) => impatient.users.bulk.delete({ user_ids: [id] })));
  const refused = answers.filter((answer) => answer.status === "rejected").map((answer) => answer.reason);
  same(refused.length > 0, true);
  same([refused[0].constructor.name, refused[0].status, refused[0].error.code], ["RateLimitError", 429, "rate_limited"]);
  same([refused[0].headers.get("retry-after"), refused[0].headers.get("ratelimit-limit")], ["1", "1"]);
});

await check("the client waits and comes again by itself", async () => {
  const patient = new Knock({ apiKey: token, baseURL, maxRetries: 10 });
  const operations = await Promise.all(names(3, "p").map((id) => patient.users.bulk.identify({ users: [{ id }] })));
  for (const operation of operations) same(outcome(await finish(operation)), "completed 1/1 1 0");
});

await check("with thirty jobs the next one is refused, and made once there is room", async () => {
  for (const job of (await native("bulk-jobs-list", { limit: 1000 })).items) {
    if (job.status === "processing") await finish(job);
  }
  const jobs = [];
  for (let n = 0; n < 30; n++) {
    jobs.push(await native("bulk-jobs-create", { entity_type: "contacts", operation: "delete", external_ids: ["x"], start: false }));
  }
  await sleep(1100);
  const error = await refusal(() => knock.users.bulk.identify({ users: [{ id: "room" }] }, { maxRetries: 0 }));
  same([error.status, error.error.code, error.headers.get("retry-after")], [429, "too_many_jobs", "1"]);
  const waiting = knock.users.bulk.identify({ users: [{ id: "room" }] }, { maxRetries: 10 });
  for (const job of jobs) await native("bulk-jobs-cancel", { id: job.id });
  same(outcome(await finish(await waiting)), "completed 1/1 1 0");
  const cancelled = await knock.bulkOperations.get(jobs[0].id);
  same([cancelled.status, typeof cancelled.failed_at, cancelled.completed_at], ["failed", "string", null]);
});

await check("the old client identifies and deletes users", async () => {
  const operation = await patiently(() => old.users.bulkIdentify([{ id: "old_1", name: "Old One" }]));
  same(outcome(await finish(await old.bulkOperations.get(operation.id))), "completed 1/1 1 0");
  same((await old.users.get("old_1")).name, "Old One");
  same(outcome(await finish(await patiently(() => old.users.bulkDelete(["old_1"])))), "completed 1/1 1 0");
});

await check("the old client sets and deletes objects", async () => {
  same(outcome(await finish(await patiently(() => old.objects.bulkSet("cars", [{ id: "old_car", price: 5 }])))), "completed 1/1 1 0");
  same((await old.objects.get("cars", "old_car")).properties.price, 5);
  same(outcome(await finish(await patiently(() => old.objects.bulkDelete("cars", ["old_car"])))), "completed 1/1 1 0");
});

await check("the old client lists tenants page by page", async () => {
  const first = await old.tenants.list({ page_size: 1 });
  const second = await old.tenants.list({ page_size: 1, after: first.page_info.after });
  same([first.entries.length, second.entries.length, second.page_info.after], [1, 1, null]);
});

await check("the old client reads errors", async () => {
  const wrong = await refusal(() => patiently(() => old.users.bulkIdentify([{ name: "no id" }])));
  same([wrong.status, wrong.message.includes("users[0].id")], [422, true]);
  same((await refusal(() => old.users.get("nobody"))).status, 404);
  const token = await refusal(() => new OldKnock("sk_1", { host: baseURL }).users.get("a"));
  same([token.status, token.code], [401, "api_key_missing"]);
});

await check("the clients are the ones that are pinned", async () => {
  const versionOf = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;
  same([versionOf("@knocklabs/node"), versionOf("knock-old")], ["1.35.0", "0.6.19"]);
});

process.exit();
