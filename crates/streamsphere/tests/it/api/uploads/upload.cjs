// Uploads a file with tus-js-client: node upload.cjs FILE ENDPOINT TOKEN CHUNK_BYTES
const fs = require("node:fs");
const tus = require("tus-js-client");

const [file, endpoint, token, chunk] = process.argv.slice(2);
const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint,
  chunkSize: Number(chunk),
  uploadSize: fs.statSync(file).size,
  // Connections are cut on purpose, and often.
  retryDelays: Array(60).fill(50),
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: "clip.mp4", title: "By tus-js-client" },
  onError(error) {
    console.error(String(error));
    process.exit(1);
  },
  onSuccess() {
    console.log(upload.url);
  },
});
upload.start();
