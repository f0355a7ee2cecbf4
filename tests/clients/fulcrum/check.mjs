// Checks a running Driftwood with Fulcrum's own client. Prints a line a check: "ok <name>" or "not ok <name>: why".
import { createRequire } from "node:module";
import { check, native, otherToken, readToken, same, token, until, url } from "./checks.mjs";

const { Client } = createRequire(import.meta.url)("fulcrum-app");
const client = (secret) => new Client(secret, { baseUrl: `${url}/api/v2` });
const [fulcrum, other, reader, stranger] = [token, otherToken, readToken, "dw_nobody"].map(client);
const unknown = "8a70dd2a-71b9-11ee-b962-0242ac120002";

/** The client throws away the bodies of errors. */
async function refused(call, message) {
  try {
    await call();
  } catch (error) {
    return same(error.message, message);
  }
  throw new Error(`was accepted, expected ${message}`);
}

const post = (path, body, who = fulcrum, headers = {}) => who.api.post(path, body === undefined ? { headers } : { body, headers });
const make = async (operation, start = true, who = fulcrum) =>
  (await post("batch.json", { batch: { start, operations: [{ resource: "record", ...operation }] } }, who)).batch;

const finish = (batch) => until(
  async () => (await fulcrum.api.get(`batch/${batch.id}.json`)).batch, (seen) => seen.status === "success" || seen.status === "failed");

const outcome = (batch) => `${batch.status} ${batch.objects_success}/${batch.objects_total}`;

const contacts = [];
for (let n = 0; n < 6; n++) {
  contacts.push((await native("contacts-create", { last_name: `N${n}`, city: n < 4 ? "Oslo" : "Rome", external_id: `e${n}` })).id);
}

await check("a form is found by its name", async () => {
  const forms = await fulcrum.forms.all();
  same(forms.objects.map((form) => form.id).sort(), ["companies", "contacts", "sources"]);
  same([forms.currentPage, forms.totalPages, forms.totalCount, forms.perPage], [1, 1, 3, 1000]);
  same(forms.objects.find((form) => form.name === "Contacts").record_count, 6);
});
await check("one form is read", async () => same((await fulcrum.forms.find("contacts")).name, "Contacts"));
await check("one record is read", async () => {
  const record = await fulcrum.records.find(contacts[0]);
  same([record.form_id, record.form_values.city, record.form_values.external_id], ["contacts", "Oslo", "e0"]);
});
await check("an unknown form and an unknown record are Not Found", async () => {
  await refused(() => fulcrum.forms.find("nothing"), "Not Found");
  await refused(() => fulcrum.records.find(unknown), "Not Found");
});
await check("a batch updates by a query", async () => {
  const batch = await make({ action: "update", query: "SELECT _record_id AS id FROM Contacts WHERE city = 'Rome'", data: { city: "Roma" } });
  same(outcome(batch), "running 0/2");
  same(outcome(await finish(batch)), "success 2/2");
  same((await fulcrum.records.find(contacts[4])).form_values.city, "Roma");
});
await check("a batch deletes by ids, and an id that is nobody's fails alone", async () => {
  const batch = await make({ action: "delete", form_id: "contacts", ids: [contacts[5], unknown] });
  same(outcome(await finish(batch)), "success 1/2");
  const results = (await native("bulk-jobs-results", { id: batch.id })).items;
  same(results.map((item) => item.code), [null, "not_found"]);
  await refused(() => fulcrum.records.find(contacts[5]), "Not Found");
});
await check("a batch waits for its start", async () => {
  const batch = await make({ action: "update", form_id: "contacts", query: "city = 'Oslo'", data: { state: "x" } }, false);
  same(outcome(batch), "pending 0/4");
  same((await post(`batch/${batch.id}/start.json`)).batch.status, "running");
  same(outcome(await finish(batch)), "success 4/4");
  await refused(() => post(`batch/${batch.id}/start.json`), "HTTP 422");
});
await check("a batch gets its operation later", async () => {
  const { batch } = await post("batch", { batch: { start: false } });
  same(outcome(batch), "pending 0/0");
  const operation = { action: "delete", resource: "record", form_id: "contacts", query: "city = 'Nowhere'" };
  same((await post(`batch/${batch.id}/operations`, { operations: [operation] })).batch.id, batch.id);
  await refused(() => post(`batch/${batch.id}/operations`, { operations: [operation] }), "HTTP 422");
  await post(`batch/${batch.id}/start`);
  same(outcome(await finish(batch)), "success 0/0");
});
await check("the list has its pages", async () => {
  const first = await fulcrum.api.get("batch.json", { qs: { page: 1, per_page: 2 } });
  same([first.batches.length, first.current_page, first.total_pages, first.total_count, first.per_page], [2, 1, 2, 4, 2]);
  const last = await fulcrum.api.get("batch.json", { qs: { page: 2, per_page: 2, sort: "created_at", sort_direction: "DESC" } });
  const all = await fulcrum.api.get("batch.json", { qs: { sort_direction: "ASC" } });
  same(all.batches.map((batch) => batch.id).reverse(), [...first.batches, ...last.batches].map((batch) => batch.id));
});
await check("a native job is shown", async () => {
  const job = await native("bulk-jobs-create", { entity_type: "contacts", operation: "tag", entity_ids: [contacts[0]], params: { add: ["x"] } });
  same(outcome(await finish(job)), "success 1/1");
});
await check("a lost answer is had again", async () => {
  const body = { batch: { start: true, operations: [{ action: "delete", resource: "record", form_id: "contacts", ids: [unknown] }] } };
  const key = { "Idempotency-Key": "lost-answer" };
  same(await post("batch.json", body, fulcrum, key), await post("batch.json", body, fulcrum, key));
  await refused(() => post("batch", body, fulcrum, key), "HTTP 422");
});
await check("a wrong token is Unauthorized", () => refused(() => stranger.forms.all(), "Unauthorized"));
await check("a token without the scope is Forbidden", async () => {
  same((await reader.forms.all()).objects.length, 3);
  await refused(() => make({ action: "delete", form_id: "contacts", ids: [unknown] }, true, reader), "Forbidden");
});
await check("a request of another form is a Bad Request", async () => {
  await refused(() => post("batch.json", { batch: [] }), "Bad Request");
  await refused(() => post("batch.json", {}), "Bad Request");
});
await check("a wrong operation is refused", async () => {
  await refused(() => make({ action: "delete", form_id: "contacts", ids: ["record-1"] }), "HTTP 422");
  await refused(() => make({ action: "delete", query: "SELECT nothing FROM contacts" }), "HTTP 422");
  await refused(() => make({ action: "delete", form_id: "contacts", ids: [unknown], query: "city = 'x'" }), "HTTP 422");
});
await check("another account sees none of it", async () => {
  const { batches } = await fulcrum.api.get("batch.json");
  for (const { id } of batches) await refused(() => other.api.get(`batch/${id}.json`), "Not Found");
  same((await other.api.get("batch.json")).total_count, 0);
  await refused(() => other.records.find(contacts[0]), "Not Found");
  const batch = await make({ action: "delete", form_id: "contacts", ids: [contacts[0]] }, true, other);
  same(batch.objects_total, 1);
  same((await fulcrum.records.find(contacts[0])).id, contacts[0]);
});
await check("more jobs than an account may have are refused", async () => {
  const waiting = () => make({ action: "delete", form_id: "contacts", ids: [unknown] }, false);
  const made = [];
  for (let n = 0; n < 3; n++) made.push(await waiting());
  await refused(waiting, "HTTP 429");
  for (const { id } of made) await native("bulk-jobs-cancel", { id });
  same((await fulcrum.api.get(`batch/${made[0].id}`)).batch.status, "failed");
});

process.exit();
