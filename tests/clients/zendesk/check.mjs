// Drives a running Driftwood with Zendesk's own client. Neither account has a type "car" before.
import assert from 'node:assert/strict';
import zendesk from 'node-zendesk';
import { check, native, otherToken, readToken, token, url } from './checks.mjs';

const endpointUri = `${url}/api/v2`;
const connect = (more = {}) => zendesk.createClient(
  { username: 'ann@example.com', token, endpointUri, throwOriginalException: true, ...more });
const client = connect();
const other = connect({ token: otherToken });
const jobsOf = (type) => ['custom_objects', type, 'jobs'];
const recordsOf = (...rest) => ['custom_objects', 'car', 'records', ...rest];

/** What a program does: makes a job and watches it to its end. */
async function run(action, items, by = client) {
  const { result } = await by.users.post(jobsOf('car'), { job: { action, items } });
  return by.jobstatuses.watch(result.job_status.id, 20);
}

async function refused(call, statusCode) {
  const error = await call().then((answer) => assert.fail(`not refused: ${JSON.stringify(answer.result)}`), (thrown) => thrown);
  assert.equal(error.statusCode, statusCode, `${error.message} ${JSON.stringify(error.result)}`);
  return error.result;
}

for (const secret of [token, otherToken]) {
  await native('record-types-create', { key: 'car', name: 'Cars', name_is_unique: true }, secret);
  await native('fields-create', { record_type: 'car', key: 'color', label: 'Color', kind: 'text' }, secret);
  await native('fields-create', { record_type: 'car', key: 'price', label: 'Price', kind: 'integer' }, secret);
}

const made = {};
const bad = [7, 42, 99];
const notFound = { error: 'RecordNotFound', description: 'Not found' };
const invalid = (details) => ({ error: 'RecordInvalid', description: 'Record validation errors', details });
const car = (n, more = {}) => ({ external_id: `car-${n}`, name: `Car ${n}`, ...more });

await check('create is answered at once with 201 and a queued job', async () => {
  const items = [car(1, { custom_object_fields: { color: 'red', price: 40000 } }), car(2), { name: 'Car 1' }];
  const { response, result } = await client.users.post(jobsOf('car'), { job: { action: 'create', items } });
  assert.equal(response.status, 201);
  made.id = result.job_status.id;
  assert.deepEqual(result.job_status, {
    id: made.id, url: `${endpointUri}/job_statuses/${made.id}.json`, job_type: 'custom_object_records.create',
    total: 3, progress: 0, status: 'queued', message: null, results: null,
  });
});

await check('watch waits for the end of the job', async () => {
  made.job = await client.jobstatuses.watch(made.id, 20);
  assert.deepEqual([made.job.status, made.job.total, made.job.progress], ['completed', 3, 3]);
  assert.match(made.job.message, /^Completed at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000$/);
});

await check('the results of create are ids, and what failed', async () => {
  const [first, second, third] = made.job.results;
  assert.deepEqual(made.job.results, [
    { index: 0, id: first.id }, { index: 1, id: second.id },
    {
      index: 2, id: null, action: 'create', success: false, status: 'Failed', error: 'RecordInvalid',
      details: third.details, code: 'duplicate_value',
    },
  ]);
});

await check('show answers what watch ended with', async () => {
  const { result } = await client.jobstatuses.show(made.id);
  assert.deepEqual(result.job_status, made.job);
});

await check('a job is Driftwood\'s own under the same id', async () => {
  const result = await native('bulk-jobs-get', { id: made.id });
  assert.deepEqual([result.status, result.operation, result.success_count, result.failed_count], ['completed', 'create', 2, 1]);
});

await check('a record is read by its id', async () => {
  const { result } = await client.users.get(recordsOf(made.job.results[0].id));
  const record = result.custom_object_record;
  assert.deepEqual(
    [record.name, record.external_id, record.custom_object_fields], ['Car 1', 'car-1', { color: 'red', price: 40000 }]);
});

await check('records are found by external id', async () => {
  const { result } = await client.users.get(recordsOf({ filter: { external_ids: 'car-2,car-9' } }));
  assert.deepEqual(result.custom_object_records.map((record) => record.name), ['Car 2']);
  assert.equal(result.count, 1);
});

await check('update says Updated or RecordNotFound, item by item', async () => {
  const id = made.job.results[1].id;
  const job = await run('update', [{ id, custom_object_fields: { color: 'blue' } }, { external_id: 'car-9', name: 'x' }]);
  assert.deepEqual(job.results.map((result) => [result.status, result.error]), [['Updated', undefined], ['Failed', 'RecordNotFound']]);
});

await check('create_or_update_by_external_id says which it was', async () => {
  const job = await run('create_or_update_by_external_id', [car(2, { custom_object_fields: { price: 5 } }), car(3)]);
  assert.deepEqual(job.results.map((result) => result.status), ['Updated', 'Created']);
});

await check('create_or_update_by_name says which it was', async () => {
  const job = await run('create_or_update_by_name', [{ name: 'Car 3' }, { name: 'Car 4' }]);
  assert.deepEqual(job.results.map((result) => result.status), ['Updated', 'Created']);
});

await check('a record that was read is sent back as it is', async () => {
  const { result } = await client.users.get(recordsOf({ filter: { external_ids: 'car-3' } }));
  const job = await run('update', result.custom_object_records);
  assert.deepEqual(job.results.map((each) => each.status), ['Updated']);
});

await check('delete takes ids', async () => {
  const { result } = await client.users.get(recordsOf({ filter: { external_ids: 'car-3' } }));
  const job = await run('delete', [result.custom_object_records[0].id, '01977c24-aa0e-7840-8e29-b41d4a716446']);
  assert.deepEqual(job.results.map((each) => [each.status, each.error]), [['Deleted', undefined], ['Failed', 'RecordNotFound']]);
});

await check('delete_by_external_id takes external ids', async () => {
  const job = await run('delete_by_external_id', ['car-2', 'car-9', 'car-2']);
  assert.equal(job.total, 2);
  assert.deepEqual(job.results.map((each) => [each.index, each.status]), [[0, 'Deleted'], [1, 'Failed']]);
});

await check('an upsert of 100 items of which three are bad fails three', async () => {
  const items = Array.from({ length: 100 }, (_, n) => car(`h${n}`, { custom_object_fields: { price: bad.includes(n) ? 'abc' : n } }));
  const job = await run('create_or_update_by_external_id', items);
  assert.deepEqual([job.status, job.total, job.progress, job.results.length], ['completed', 100, 100, 100]);
  assert.deepEqual(job.results.filter((result) => !result.success).map((result) => result.index), bad);
  assert.equal(job.results.filter((result) => result.status === 'Created').length, 97);
  assert.ok(job.results.filter((result) => !result.success).every((result) => result.code === 'invalid_integer'));
  made.hundred = job.id;
});

await check('list has the newest job first', async () => {
  const { result } = await client.jobstatuses.list();
  assert.equal(result.job_statuses[0].id, made.hundred);
  assert.equal(result.job_statuses.at(-1).id, made.id);
  assert.deepEqual(result.meta, { has_more: false, after_cursor: null, before_cursor: null });
});

await check('getAll follows the links of the list', async () => {
  const { result } = await client.jobstatuses.list();
  const pages = await client.jobstatuses.getAll(['job_statuses', { page: { size: 2 } }]);
  const ids = pages.flatMap((page) => page.job_statuses.map((job) => job.id));
  assert.deepEqual(ids, result.job_statuses.map((job) => job.id));
  assert.equal(pages.length, Math.ceil(ids.length / 2));
});

await check('getAll follows the links of records in their order', async () => {
  const all = { page: { size: 40 }, sort: '-id' };
  const pages = await client.users.getAll(recordsOf(all));
  const records = pages.flatMap((page) => page.custom_object_records);
  assert.deepEqual(pages.map((page) => page.count), [40, 40, 19]);
  assert.deepEqual(records.map((record) => record.id), records.map((record) => record.id).toSorted().reverse());
  assert.deepEqual([records.at(-1).name, new Set(records.map((record) => record.name)).size], ['Car 1', 99]);
});

await check('showMany shows jobs in the order asked and leaves unknown ones out', async () => {
  const { result } = await client.jobstatuses.showMany([made.hundred, '01977c24-aa0e-7840-8e29-b41d4a716446', made.id]);
  assert.deepEqual(result.job_statuses.map((job) => job.id), [made.hundred, made.id]);
});

await check('an item of the wrong shape refuses the request', async () => {
  const items = [car(5), car(6), car(7), { colour: 'red' }];
  assert.deepEqual(await refused(() => client.users.post(jobsOf('car'), { job: { action: 'create', items } }), 422), invalid({
    'job.items[3]': [{
      description: 'Found "colour", expected name, external_id or custom_object_fields.', error: 'InvalidValue',
    }],
  }));
});

await check('an unknown action is 422', async () => {
  const result = await refused(() => client.users.post(jobsOf('car'), { job: { action: 'merge', items: [car(5)] } }), 422);
  assert.deepEqual(Object.keys(result.details), ['job.action']);
});

await check('more than 100 items are 422', async () => {
  const items = Array.from({ length: 101 }, (_, n) => `${n}`);
  const result = await refused(() => client.users.post(jobsOf('car'), { job: { action: 'delete_by_external_id', items } }), 422);
  assert.equal(result.error, 'TooManyValues');
});

await check('an unknown job is 404', async () => {
  for (const id of ['01977c24-aa0e-7840-8e29-b41d4a716446', '8b726e606741012ffc2d782bcb7848fe'])
    assert.deepEqual(await refused(() => client.jobstatuses.show(id), 404), notFound);
});

await check('an unknown type is 404', async () => {
  assert.deepEqual(await refused(() => client.users.post(jobsOf('boat'), { job: { action: 'create', items: [car(5)] } }), 404), notFound);
});

await check('a wrong token is 401', async () => {
  const result = await refused(() => connect({ token: 'dw_wrong' }).jobstatuses.list(), 401);
  assert.deepEqual(result, { error: 'Couldn\'t authenticate you' });
});

await check('a password is 401', async () => {
  await refused(() => connect({ password: token, token: undefined }).jobstatuses.list(), 401);
});

await check('a token without the scope is 403', async () => {
  const reader = connect({ token: readToken });
  await reader.jobstatuses.list();
  const result = await refused(() => reader.users.post(jobsOf('car'), { job: { action: 'create', items: [car(5)] } }), 403);
  assert.equal(result.error, 'Forbidden');
});

await check('a bearer token is taken too', async () => {
  const { result } = await connect({ useOAuth: true }).jobstatuses.show(made.id);
  assert.equal(result.job_status.id, made.id);
});

await check('without throwOriginalException the error has the status in words', async () => {
  await assert.rejects(
    connect({ throwOriginalException: false }).jobstatuses.show('7'),
    { message: 'Request processing failed: Zendesk Error (404): Item not found' });
});

await check('a method that a route does not have is 405', async () => {
  await refused(() => client.users.put(['job_statuses', made.id], { job: {} }), 405);
});

await check('a body that is too large is 422, not 413', async () => {
  const items = [car(5, { custom_object_fields: { color: 'x'.repeat(9_000_000) } })];
  const result = await refused(() => client.users.post(jobsOf('car'), { job: { action: 'create', items } }), 422);
  assert.match(result.details.base[0].description, /larger than/);
});

await check('another content type is 422, not 415', async () => {
  const plain = connect({ customHeaders: { 'Content-Type': 'text/plain' } });
  const result = await refused(() => plain.users.post(jobsOf('car'), { job: { action: 'create', items: [car(5)] } }), 422);
  assert.match(result.details.base[0].description, /Content-Type/);
});

await check('a compressed body is 422, not 415', async () => {
  const compressed = connect({ customHeaders: { 'Content-Encoding': 'gzip' } });
  const result = await refused(() => compressed.users.post(jobsOf('car'), { job: { action: 'create', items: [car(5)] } }), 422);
  assert.match(result.details.base[0].description, /Content-Encoding/);
});

await check('another account sees neither jobs nor records', async () => {
  assert.deepEqual(await refused(() => other.jobstatuses.show(made.id), 404), notFound);
  assert.deepEqual((await other.jobstatuses.list()).result.job_statuses, []);
  assert.deepEqual((await other.jobstatuses.showMany([made.id])).result.job_statuses, []);
  assert.deepEqual((await other.users.get(recordsOf())).result.custom_object_records, []);
  await refused(() => other.users.get(recordsOf(made.job.results[0].id)), 404);
});

await check('another account deletes nothing here', async () => {
  const job = await run('delete', [made.job.results[0].id], other);
  assert.deepEqual(job.results.map((result) => result.error), ['RecordNotFound']);
  await client.users.get(recordsOf(made.job.results[0].id));
});

await check('a retry with an Idempotency-Key makes no second job', async () => {
  const retrying = connect({ customHeaders: { 'Idempotency-Key': 'import-1' } });
  const request = { job: { action: 'create', items: [car(50)] } };
  const first = await retrying.users.post(jobsOf('car'), request);
  await client.jobstatuses.watch(first.result.job_status.id, 20);
  const second = await retrying.users.post(jobsOf('car'), request);
  assert.deepEqual([second.response.status, second.result], [201, first.result]);
  assert.equal(second.response.headers.get('idempotent-replayed'), 'true');
  const { result } = await client.jobstatuses.list();
  assert.equal(result.job_statuses.filter((job) => job.id >= first.result.job_status.id).length, 1);
});

await check('a key of another request is 422', async () => {
  const retrying = connect({ customHeaders: { 'Idempotency-Key': 'import-1' } });
  await refused(() => retrying.users.post(jobsOf('car'), { job: { action: 'create', items: [car(51)] } }), 422);
});

await check('the job limit is a 429 as the client knows it', async () => {
  const waiting = [];
  for (let n = 0; n < 30; n++) {
    const request = { entity_type: 'car', operation: 'delete', external_ids: ['x'], start: false };
    waiting.push((await native('bulk-jobs-create', request, otherToken)).id);
  }

  const { result } = await other.users.post(jobsOf('car'), { job: { action: 'create', items: [car(1)] } });
  assert.ok(result instanceof Error);
  assert.deepEqual([result.statusCode, result.result.error], [429, 'TooManyJobs']);
  assert.equal((await other.jobstatuses.show(waiting[0])).result.job_status.status, 'queued');
  for (const id of waiting) await native('bulk-jobs-cancel', { id }, otherToken);
  const killed = (await other.jobstatuses.show(waiting[0])).result.job_status;
  assert.deepEqual([killed.status, killed.message.slice(0, 10)], ['killed', 'Killed at ']);
  assert.equal((await run('create', [car(1)], other)).status, 'completed');
});

process.exit();
