//! What a MongoDB leaves behind when it is dumped, and a small server that speaks as one does: written and spoken in real
//! BSON, since no MongoDB can be installed where tests run.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "in a test a panic is the report"
)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bson::{Bson, Document, doc};
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac::{Hmac, KeyInit, Mac};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Documents by collection.
#[derive(Debug, Clone, Default)]
pub struct Dump(BTreeMap<String, Vec<Vec<u8>>>);

const END: [u8; 4] = [0xff; 4];

fn bytes_of(document: &Document) -> Vec<u8> {
    document.to_vec().unwrap()
}

/// CRC-64 of ECMA-182, bit by bit.
fn crc(documents: &[Vec<u8>]) -> i64 {
    let mut value = !0_u64;
    for byte in documents.iter().flatten() {
        value ^= u64::from(*byte);
        for _ in 0..8 {
            let low = value & 1;
            value >>= 1;
            if low == 1 {
                value ^= 0xc96c_5795_d787_0f42;
            }
        }
    }
    (!value).cast_signed()
}

impl Dump {
    /// Adds documents to a collection.
    #[must_use]
    pub fn with(mut self, collection: &str, documents: impl IntoIterator<Item = Document>) -> Self {
        let list = self.0.entry(collection.to_owned()).or_default();
        list.extend(documents.into_iter().map(|document| bytes_of(&document)));
        self
    }

    /// Adds bytes that stand where a document should.
    #[must_use]
    pub fn with_bytes(mut self, collection: &str, bytes: Vec<u8>) -> Self {
        self.0.entry(collection.to_owned()).or_default().push(bytes);
        self
    }

    /// Writes what `mongodump` writes: a folder for the database, a file for each collection.
    pub fn folder(&self, at: &Path, database: &str) {
        let folder = at.join(database);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, documents) in &self.0 {
            std::fs::write(folder.join(format!("{name}.bson")), documents.concat()).unwrap();
            std::fs::write(folder.join(format!("{name}.metadata.json")), "{\"indexes\":[]}").unwrap();
        }
    }

    /// The same as `mongodump --gzip`.
    pub fn packed_folder(&self, at: &Path, database: &str) {
        let folder = at.join(database);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, documents) in &self.0 {
            std::fs::write(
                folder.join(format!("{name}.bson.gz")),
                packed(&documents.concat()),
            )
            .unwrap();
        }
    }

    /// What `mongodump --archive` writes: the collections in turns of two documents, as parallel dumps come out.
    pub fn archive(&self, database: &str) -> Vec<u8> {
        let mut out = 0x8199_e26d_u32.to_le_bytes().to_vec();
        out.extend(bytes_of(&doc! {
            "concurrent_collections": 4, "version": "0.1", "server_version": "7.0.5", "tool_version": "100.9.4",
        }));
        for name in self.0.keys() {
            out.extend(bytes_of(&doc! {
                "db": database, "collection": name, "metadata": "{\"indexes\":[]}", "size": 0, "type": "collection",
            }));
        }
        out.extend(END);
        let mut turn = 0;
        loop {
            let mut wrote = false;
            for (name, documents) in &self.0 {
                let some: Vec<&Vec<u8>> = documents.iter().skip(turn * 2).take(2).collect();
                if some.is_empty() {
                    continue;
                }
                wrote = true;
                let head = doc! {"db": database, "collection": name, "EOF": false, "CRC": 0_i64};
                out.extend(bytes_of(&head));
                out.extend(some.into_iter().flatten());
                out.extend(END);
            }
            turn += 1;
            if !wrote {
                break;
            }
        }
        for (name, documents) in &self.0 {
            let end = doc! {"db": database, "collection": name, "EOF": true, "CRC": crc(documents)};
            out.extend(bytes_of(&end));
            out.extend(END);
        }
        out
    }
}

/// Bytes as gzip packs them.
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A server that speaks `OP_MSG` as MongoDB does: sign-in by SCRAM-SHA-256, `find` with `getMore` in small batches.
#[derive(Debug)]
pub struct Server {
    /// Host and port.
    pub place: String,
    listening: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

struct Shared {
    dump: Dump,
    database: String,
    user: String,
    password: String,
}

/// Serves a database to one user.
pub async fn serve(dump: Dump, database: &str, user: &str, password: &str) -> Server {
    listen(dump, database, user, password, None).await
}

/// The same over TLS. Who vouches for the server is then in `ca.crt` of the folder.
pub async fn serve_tls(dump: Dump, database: &str, user: &str, password: &str, folder: &Path) -> Server {
    crate::certify(folder, None).unwrap();
    let chain = CertificateDer::pem_file_iter(folder.join("server.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap();
    let tls = TlsAcceptor::from(Arc::new(config));
    listen(dump, database, user, password, Some(tls)).await
}

async fn listen(dump: Dump, database: &str, user: &str, password: &str, tls: Option<TlsAcceptor>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let shared = Arc::new(Shared {
        dump,
        database: database.to_owned(),
        user: user.to_owned(),
        password: password.to_owned(),
    });
    let listening = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, shared) = (tls.clone(), Arc::clone(&shared));
            tokio::spawn(async move {
                match tls {
                    None => talk(stream, shared).await,
                    // Whoever does not trust it goes away.
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            talk(stream, shared).await;
                        }
                    }
                }
            });
        }
    });
    Server { place, listening }
}

#[derive(Default)]
struct Talk {
    signed_in: bool,
    /// What was said so far of a sign-in, and what the client is to prove.
    sasl: Option<(String, String)>,
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, shared: Arc<Shared>) {
    let mut talk = Talk::default();
    while let Some((number, command)) = read(&mut stream).await {
        let mut answer = answer(&mut talk, &shared, &command);
        if !answer.contains_key("ok") {
            answer.insert("ok", 1.0);
        }
        let body = bytes_of(&answer);
        let length = i32::try_from(16 + 5 + body.len()).unwrap();
        let mut out = Vec::new();
        for part in [length, number + 1, number, 2013, 0] {
            out.extend(part.to_le_bytes());
        }
        out.push(0);
        out.extend(body);
        if stream.write_all(&out).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<(i32, Document)> {
    let mut head = [0; 21];
    stream.read_exact(&mut head).await.ok()?;
    let number = |at: usize| i32::from_le_bytes(head[at..at + 4].try_into().unwrap());
    assert_eq!((number(12), head[20]), (2013, 0), "no OP_MSG of one section");
    let mut body = vec![0; usize::try_from(number(0)).unwrap() - 21];
    stream.read_exact(&mut body).await.ok()?;
    Some((number(4), Document::from_reader(body.as_slice()).unwrap()))
}

fn fails(text: &str) -> Document {
    doc! {"ok": 0.0, "errmsg": text, "code": 13, "codeName": "Unauthorized"}
}

fn answer(talk: &mut Talk, shared: &Shared, command: &Document) -> Document {
    let (name, value) = command.iter().next().unwrap();
    match name.as_str() {
        "isMaster" | "hello" => doc! {"ismaster": true, "maxWireVersion": 21, "minWireVersion": 0},
        "saslStart" | "saslContinue" => sign_in(talk, shared, command),
        _ if !talk.signed_in => fails("command requires authentication"),
        "listDatabases" => doc! {"databases": [
            {"name": "admin"}, {"name": "config"}, {"name": "local"}, {"name": &shared.database},
        ]},
        "find" => {
            let database = command.get_str("$db").unwrap();
            let list = shared.dump.0.get(value.as_str().unwrap());
            let list = list.filter(|_| database == shared.database);
            page(database, value.as_str().unwrap(), list, 0, "firstBatch")
        }
        "getMore" => {
            let collection = command.get_str("collection").unwrap();
            let list = shared.dump.0.get(collection);
            let from = usize::try_from(value.as_i64().unwrap()).unwrap();
            page(&shared.database, collection, list, from, "nextBatch")
        }
        other => fails(&format!("no such command: {other}")),
    }
}

/// Three documents at once, and a cursor whose number is the next one's.
fn page(database: &str, collection: &str, list: Option<&Vec<Vec<u8>>>, from: usize, batch: &str) -> Document {
    let all = list.map(Vec::as_slice).unwrap_or_default();
    let until = (from + 3).min(all.len());
    let some: Vec<Bson> = all[from..until]
        .iter()
        .map(|bytes| Bson::Document(Document::from_reader(bytes.as_slice()).unwrap()))
        .collect();
    let next = if until < all.len() {
        i64::try_from(until).unwrap()
    } else {
        0
    };
    doc! {"cursor": {"id": next, "ns": format!("{database}.{collection}"), batch: some}}
}

/// RFC 5802 from the server's side.
fn sign_in(talk: &mut Talk, shared: &Shared, command: &Document) -> Document {
    let payload = command.get_binary_generic("payload").unwrap();
    let said = String::from_utf8(payload.clone()).unwrap();
    let part = |text: &str, name: char| {
        let found = text
            .split(',')
            .find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        found.unwrap().to_owned()
    };
    let (salt, rounds) = (b"a salt of sixteen", 4096);
    let answer = match talk.sasl.take() {
        None => {
            assert_eq!(command.get_str("mechanism").unwrap(), "SCRAM-SHA-256");
            let bare = said.strip_prefix("n,,").unwrap().to_owned();
            if part(&bare, 'n') != shared.user {
                return fails("Authentication failed.");
            }
            let first = format!(
                "r={}server,s={},i={rounds}",
                part(&bare, 'r'),
                STANDARD.encode(salt)
            );
            talk.sasl = Some((bare, first.clone()));
            first
        }
        Some((bare, first)) => {
            let without = said.rsplit_once(",p=").unwrap().0;
            let whole = format!("{bare},{first},{without}");
            let mut block = mac(shared.password.as_bytes(), &[&salt[..], &[0, 0, 0, 1]].concat());
            let mut salted = block;
            for _ in 1..rounds {
                block = mac(shared.password.as_bytes(), &block);
                salted
                    .iter_mut()
                    .zip(block)
                    .for_each(|(byte, more)| *byte ^= more);
            }
            let client_key = mac(&salted, b"Client Key");
            let stored: [u8; 32] = Sha256::digest(client_key).into();
            let mut proof = mac(&stored, whole.as_bytes());
            proof
                .iter_mut()
                .zip(client_key)
                .for_each(|(byte, key)| *byte ^= key);
            if part(&said, 'p') != STANDARD.encode(proof) {
                return fails("Authentication failed.");
            }
            talk.signed_in = true;
            let server_key = mac(&salted, b"Server Key");
            format!("v={}", STANDARD.encode(mac(&server_key, whole.as_bytes())))
        }
    };
    doc! {
        "conversationId": 1, "done": talk.signed_in,
        "payload": Bson::Binary(bson::Binary { subtype: bson::spec::BinarySubtype::Generic, bytes: answer.into_bytes() }),
    }
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().into()
}
