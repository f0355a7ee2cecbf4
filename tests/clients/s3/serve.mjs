// An S3 server for tests and benchmarks, with one empty bucket. It prints its port, and ends with its standard input.
import S3rver from '@20minutes/s3rver';

const [directory, bucket] = process.argv.slice(2);
const server = new S3rver({
  address: '127.0.0.1',
  port: 0,
  directory,
  silent: true,
  vhostBuckets: false,
  configureBuckets: [{ name: bucket }],
});

// The package decodes the source of a copy only in part: "%2F" in a key stays.
globalThis.decodeURI = decodeURIComponent;

// It takes the slash behind the bucket for no part of what was signed, so signatures of lists are not checked. All others are.
server.middleware.unshift((context, next) => {
  if (/^\/[^/]+\/$/.test(context.path)) context.app = Object.create(context.app, { allowMismatchedSignatures: { value: true } });
  return next();
});

const { port } = await server.run();
console.log(port);
process.stdin.resume().on('end', () => process.exit());
