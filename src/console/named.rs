//! What the path of a request names. It is read when whoever asks may ask; what cannot be read names
//! nothing.

use std::convert::Infallible;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::fault::Fault;

/// A part of the path, or several.
pub(super) struct Named<T>(Result<T, PathRejection>);

impl<T> Named<T> {
    /// What it is; a fault that says that there is no such thing where it cannot be read.
    pub(super) fn read(self) -> Result<T, Fault> {
        self.0.map_err(|_quotes| Fault::NotFound)
    }
}

impl<S, T> FromRequestParts<S> for Named<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(Path::<T>::from_request_parts(parts, state).await.map(|Path(named)| named)))
    }
}
