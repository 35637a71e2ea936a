//! What a call sends: a JSON object, or the parameters of its address. What cannot be read is not
//! quoted: it may be about a citizen.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::super::fault::Fault;
use super::Problem;

/// A JSON body.
#[derive(Debug)]
pub(in crate::console) struct Sent<T>(pub(in crate::console) T);

impl<S, T> FromRequest<S> for Sent<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(sent)) => Ok(Self(sent)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::no_json()),
            Err(JsonRejection::JsonSyntaxError(_)) => Err(Problem::unreadable("the body is no JSON")),
            Err(JsonRejection::JsonDataError(_)) => Err(Problem::misfit()),
            Err(rest) if rest.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Fault::TooLarge.into()),
            Err(_cut) => Err(Problem::unreadable("the body did not come to its end")),
        }
    }
}

/// The parameters of an address.
#[derive(Debug)]
pub(in crate::console) struct Asked<T>(pub(in crate::console) T);

impl<S, T> FromRequestParts<S> for Asked<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Query(asked) = Query::<T>::try_from_uri(&parts.uri)
            .map_err(|_quotes| Problem::unreadable("the parameters are not what this call takes: see openapi.json"))?;
        Ok(Self(asked))
    }
}
