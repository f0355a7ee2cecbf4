// An import and a bulk job by a client that openapi-typescript made of the OpenAPI document. It is compiled with tsc --strict.
// The environment has DRIFTWOOD_URL and DRIFTWOOD_TOKEN.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Import = components["schemas"]["ImportView"];
type BulkJob = components["schemas"]["BulkJobView"];

const { DRIFTWOOD_URL: baseUrl = "", DRIFTWOOD_TOKEN: token = "" } = process.env;
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The result of an answer, which is never null where the call succeeded. */
function resultOf<T>(answer: { data?: { result: T } | undefined; error?: unknown }): T {
  if (!answer.data) throw new Error(JSON.stringify(answer.error));
  return answer.data.result;
}

async function finishImport(id: string): Promise<Import> {
  for (;;) {
    const job = resultOf(await client.POST("/api/imports-get", { body: { id } }));
    if (job.status !== "processing") return job;
    await sleep(50);
  }
}

async function finishJob(id: string): Promise<BulkJob> {
  for (;;) {
    const job = resultOf(await client.POST("/api/bulk-jobs-get", { body: { id } }));
    if (job.status !== "processing") return job;
    await sleep(50);
  }
}

const upload = resultOf(await client.POST("/api/imports-request-upload", {
  body: { model_type: "contacts", file_name: "leads.csv", content_type: "text/csv" },
}));
const put = await fetch(upload.signed_url, {
  method: upload.method,
  headers: upload.headers,
  body: "Email,First Name\na@example.com,Ada\nb@example.com,Bo\nnot an address,Cy\n",
});
if (!put.ok) throw new Error(`PUT: ${put.status}`);
const { preview } = resultOf(await client.POST("/api/imports-complete-upload", { body: { id: upload.job_id } }));
console.log(`preview ${preview.total_rows} ${preview.headers.join("|")}`);
resultOf(await client.POST("/api/imports-confirm", {
  body: { id: upload.job_id, column_mapping: preview.suggested_mapping, duplicate_strategy: "merge" },
}));
const imported = await finishImport(upload.job_id);
console.log(`import ${imported.status} ${imported.created_count} created, ${imported.failed_count} failed`);
const errors = resultOf(await client.POST("/api/imports-errors", { body: { id: upload.job_id } }));
for (const row of errors.items) console.log(`row ${row.row_number} ${row.code}`);

const contacts = resultOf(await client.POST("/api/contacts-list", { body: { order_by: "email" } }));
const job = resultOf(await client.POST("/api/bulk-jobs-create", {
  body: { entity_type: "contacts", operation: "tag", entity_ids: contacts.items.map((contact) => contact.id), params: { add: ["vip"] } },
}));
const tagged = await finishJob(job.id);
console.log(`bulk job ${tagged.status} ${tagged.success_count} of ${tagged.total_count}`);

// A failure is told apart by its type, and has no result.
const refused = await client.POST("/api/imports-get", { body: { id: "01977c20-11aa-7b3c-9d4e-5f6071829304" } });
if (!refused.error) throw new Error("An unknown import was found.");
console.log(`refused ${refused.response.status} ${refused.error.error.code}`);
