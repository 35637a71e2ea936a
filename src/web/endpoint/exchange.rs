//! An exchange that another library words: the protocol is its own, the way there is ours.

use http::{Request, Response};
use reqwest::Url;

use super::{Endpoint, body_of, may_be_reached};
use crate::web::fault::Fault;

impl Endpoint {
    /// Sends a request to any address of whoever the endpoint is, as far as the settings let us
    /// reach it, with nothing of ours that lets us in. It is sent once and followed nowhere.
    ///
    /// # Errors
    /// No answer came, or one of more than `most` bytes.
    pub async fn exchange(&self, request: Request<Vec<u8>>, most: usize) -> Result<Response<Vec<u8>>, Fault> {
        let (head, body) = request.into_parts();
        let url = Url::parse(&head.uri.to_string()).map_err(|_quotes| Fault::Address)?;
        may_be_reached(&self.settings.reach, &url)?;
        let asked = self.clients.current().request(head.method, url).headers(head.headers).body(body);
        let mut answer = asked.send().await.map_err(|error| Fault::of(&error))?;
        let mut response = Response::new(body_of(&mut answer, most).await?);
        *response.status_mut() = answer.status();
        std::mem::swap(response.headers_mut(), answer.headers_mut());
        Ok(response)
    }
}
