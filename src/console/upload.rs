//! What somebody sent by a form that takes files (`multipart/form-data`).

use std::sync::Arc;

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRef, FromRequest, FromRequestParts, Multipart, Request};
use axum::http::StatusCode;
use bytes::Bytes;

use super::Console;
use super::fault::Fault;
use super::gate::Visitor;

/// How many fields and files a form may have.
const FIELDS: usize = 40;

/// A form with files. How large it may be is said where it is served.
pub(super) struct Uploaded {
    /// Who.
    pub visitor: Visitor,
    parts: Vec<Part>,
}

impl std::fmt::Debug for Uploaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Uploaded({} parts)", self.parts.len())
    }
}

/// A field, or a file.
struct Part {
    name: String,
    /// What the sender calls the file. It may say anything, a citizen's name too.
    file: Option<String>,
    body: Bytes,
}

/// A file that somebody sent.
pub(super) struct File {
    /// What its sender calls it, without folders.
    pub name: String,
    /// What stands in it.
    pub body: Bytes,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({} bytes)", self.body.len())
    }
}

impl Uploaded {
    /// The value of a field, without space around it; empty where it was not sent or is no text.
    pub(super) fn one(&self, name: &str) -> &str {
        let field = self.parts.iter().find(|part| part.name == name && part.file.is_none());
        field.and_then(|part| std::str::from_utf8(&part.body).ok()).map_or("", str::trim)
    }

    /// The same as it came, with all space.
    pub(super) fn raw(&self, name: &str) -> Bytes {
        let field = self.parts.iter().find(|part| part.name == name && part.file.is_none());
        field.map(|part| part.body.clone()).unwrap_or_default()
    }

    /// The files of a field. A browser sends an empty one where none was chosen.
    pub(super) fn files(&self, name: &str) -> Vec<File> {
        let own = self.parts.iter().filter(|part| part.name == name && !part.body.is_empty());
        let file = |part: &Part| {
            let name = part.file.as_ref()?.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
            Some(File { name, body: part.body.clone() })
        };
        own.filter_map(file).collect()
    }
}

/// Nothing of what was sent is quoted.
fn fault(error: &MultipartError) -> Fault {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge,
        _ => Fault::Refused("Formularen kom ikke helt frem. Intet er ændret; prøv igen.".to_owned()),
    }
}

impl<S> FromRequest<S> for Uploaded
where
    S: Send + Sync,
    Arc<Console>: FromRef<S>,
{
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let console = Arc::<Console>::from_ref(state);
        let (mut head, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut head, &console).await?;
        let form = Multipart::from_request(Request::from_parts(head, body), state).await;
        let mut form = form.map_err(|_no_form| {
            Fault::Refused("Det, der blev sendt, er ikke formularen fra siden. Intet er ændret.".to_owned())
        })?;
        let mut parts = Vec::new();
        while let Some(field) = form.next_field().await.map_err(|error| fault(&error))? {
            if parts.len() >= FIELDS {
                return Err(Fault::TooLarge);
            }
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            let body = field.bytes().await.map_err(|error| fault(&error))?;
            parts.push(Part { name, file, body });
        }
        let uploaded = Self { visitor, parts };
        if uploaded.visitor.vouches_for(uploaded.one("csrf")) { Ok(uploaded) } else { Err(Fault::Stale) }
    }
}
