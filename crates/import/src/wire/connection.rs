//! One connection to a server: opening it, signing in, and asking.

use std::sync::Arc;
use std::time::Duration;

use bson::raw::{RawDocument, RawDocumentBuf};
use bson::rawdoc;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::address::{Address, Login};
use super::scram;
use crate::ImportError;

/// How long connecting to one host may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_mins(1);
/// The largest message: 48 MB, and what stands around it.
const MOST_BYTES: usize = 48_000_000 + (64 << 10);
const OP_MSG: i32 = 2013;
/// Number, length, number answered, kind.
const HEAD_BYTES: usize = 16;
/// A sum stands behind the message.
const CHECKSUM: u32 = 1;
/// Where distributions keep the certificates that they trust.
const ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A connection that is signed in.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    asked: i32,
}

impl Connection {
    /// Connects to the first host that answers, and signs in where there is somebody to sign in as.
    pub(super) async fn open(address: &Address) -> Result<Self, ImportError> {
        let mut last = ImportError::Protocol("no host");
        for (host, port) in &address.hosts {
            match Self::connect(address, host, *port).await {
                Ok(mut connection) => {
                    // Any member of a set answers, and is believed.
                    connection.greet().await?;
                    if let Some(login) = &address.login {
                        connection.sign_in(login).await?;
                    }
                    return Ok(connection);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn connect(address: &Address, host: &str, port: u16) -> Result<Self, ImportError> {
        let unreachable = |error: std::io::Error| ImportError::Unreachable(format!("{host}:{port}: {error}"));
        let tcp = timeout(CONNECT, TcpStream::connect((host, port)))
            .await
            .map_err(|_| ImportError::Unreachable(format!("{host}:{port}: no answer in time")))?
            .map_err(unreachable)?;
        let stream: Box<dyn Stream> = if address.tls {
            let name = ServerName::try_from(host.to_owned())
                .map_err(|_| ImportError::Address("a host has a name that no certificate can have"))?;
            let connector = TlsConnector::from(Arc::new(tls(address)?));
            let secured = timeout(CONNECT, connector.connect(name, tcp)).await;
            Box::new(secured.map_err(|_| ImportError::Timeout)?.map_err(unreachable)?)
        } else {
            Box::new(tcp)
        };
        Ok(Self { stream, asked: 0 })
    }

    async fn greet(&mut self) -> Result<(), ImportError> {
        // Known to every version that speaks in these messages; newer ones also call it `hello`.
        let answer = self
            .command("admin", rawdoc! { "isMaster": 1, "helloOk": true })
            .await?;
        let newest = RawDocument::from_bytes(&answer)
            .ok()
            .and_then(|answer| answer.get_i32("maxWireVersion").ok());
        if newest.unwrap_or(0) < 6 {
            return Err(ImportError::Server(
                "its version is older than 3.6: run its mongodump and import the folder".to_owned(),
            ));
        }
        Ok(())
    }

    async fn sign_in(&mut self, login: &Login) -> Result<(), ImportError> {
        let client = scram::Client::new(&login.user, &login.password);
        let begin = rawdoc! {
            "saslStart": 1, "mechanism": "SCRAM-SHA-256", "options": { "skipEmptyExchange": true },
            "payload": binary(client.first().into_bytes()),
        };
        let answer = self.command(&login.source, begin).await?;
        let (conversation, said, _) = sasl(&answer)?;
        let proof = client.prove(&said)?;
        let go_on = rawdoc! {
            "saslContinue": 1, "conversationId": conversation, "payload": binary(proof.message.clone().into_bytes()),
        };
        let answer = self.command(&login.source, go_on).await?;
        let (_, said, mut done) = sasl(&answer)?;
        proof.check(&said)?;
        let mut more = 0;
        while !done {
            more += 1;
            if more > 2 {
                return Err(ImportError::Protocol("a sign-in that does not end"));
            }
            let go_on = rawdoc! {
                "saslContinue": 1, "conversationId": conversation, "payload": binary(Vec::new()),
            };
            done = sasl(&self.command(&login.source, go_on).await?)?.2;
        }
        Ok(())
    }

    /// Asks, and answers the document that comes back; what the server refuses is an error.
    pub(super) async fn command(
        &mut self,
        database: &str,
        mut command: RawDocumentBuf,
    ) -> Result<Vec<u8>, ImportError> {
        command.append(bson::cstr!("$db"), database);
        if database != "admin" {
            let anyone = rawdoc! { "mode": "primaryPreferred" };
            command.append(bson::cstr!("$readPreference"), anyone);
        }
        let answer = timeout(ANSWER, self.exchange(command.as_bytes()))
            .await
            .map_err(|_| ImportError::Timeout)??;
        let document = RawDocument::from_bytes(&answer)
            .map_err(|_| ImportError::Protocol("an answer that is no BSON"))?;
        let ok = match document.get("ok") {
            Ok(Some(value)) => {
                value.as_f64() == Some(1.0) || value.as_i32() == Some(1) || value.as_bool() == Some(true)
            }
            _ => false,
        };
        if !ok {
            let said = document.get_str("errmsg").unwrap_or("no");
            return Err(ImportError::Server(said.chars().take(300).collect()));
        }
        Ok(answer)
    }

    async fn exchange(&mut self, document: &[u8]) -> Result<Vec<u8>, ImportError> {
        let lost = |error: std::io::Error| ImportError::Unreachable(error.to_string());
        self.asked = self.asked.wrapping_add(1);
        let bytes = i32::try_from(HEAD_BYTES + 5 + document.len())
            .map_err(|_| ImportError::Protocol("a question that is too long"))?;
        let mut message = Vec::with_capacity(HEAD_BYTES + 5 + document.len());
        for number in [bytes, self.asked, 0, OP_MSG, 0] {
            message.extend_from_slice(&number.to_le_bytes());
        }
        // One section, which is the document.
        message.push(0);
        message.extend_from_slice(document);
        self.stream.write_all(&message).await.map_err(lost)?;
        self.stream.flush().await.map_err(lost)?;

        let mut head = [0; HEAD_BYTES + 4];
        self.stream.read_exact(&mut head).await.map_err(lost)?;
        let number = |at: usize| i32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let bytes = usize::try_from(number(0)).unwrap_or(0);
        if !(HEAD_BYTES + 10..=MOST_BYTES).contains(&bytes) || number(8) != self.asked || number(12) != OP_MSG
        {
            return Err(ImportError::Protocol("an answer that is no message"));
        }
        let mut answer = Vec::new();
        let left = bytes - HEAD_BYTES - 4;
        let mut rest = (&mut self.stream).take(left as u64);
        let read = rest.read_to_end(&mut answer).await.map_err(lost)?;
        if read != left {
            return Err(ImportError::Protocol("an answer that is cut off"));
        }
        if number(16).cast_unsigned() & CHECKSUM != 0 {
            answer.truncate(left.saturating_sub(4));
        }
        if answer.first() != Some(&0) {
            return Err(ImportError::Protocol("an answer in several parts"));
        }
        answer.remove(0);
        Ok(answer)
    }
}

fn binary(bytes: Vec<u8>) -> bson::Binary {
    bson::Binary {
        subtype: bson::spec::BinarySubtype::Generic,
        bytes,
    }
}

/// Number of the conversation, what the server says, and whether that was all.
fn sasl(answer: &[u8]) -> Result<(i32, String, bool), ImportError> {
    let unreadable = || ImportError::Protocol("an answer that is none to a sign-in");
    let document = RawDocument::from_bytes(answer).map_err(|_| unreadable())?;
    let payload = document.get_binary("payload").map_err(|_| unreadable())?;
    Ok((
        document.get_i32("conversationId").map_err(|_| unreadable())?,
        String::from_utf8(payload.bytes.to_vec()).map_err(|_| unreadable())?,
        document.get_bool("done").unwrap_or(false),
    ))
}

fn tls(address: &Address) -> Result<ClientConfig, ImportError> {
    let mut roots = RootCertStore::empty();
    let files = match &address.roots {
        Some(file) => vec![file.clone()],
        None => ROOTS.iter().map(Into::into).collect(),
    };
    for file in files {
        if let Ok(found) = CertificateDer::pem_file_iter(&file) {
            roots.add_parsable_certificates(found.filter_map(Result::ok));
        }
        if !roots.is_empty() {
            break;
        }
    }
    if roots.is_empty() {
        return Err(ImportError::Address(
            "there are no certificates to check the MongoDB server with",
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| ImportError::Protocol("no version of TLS"))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
