//! The broker's management interface: as much of HTTP as it takes. It blocks, so that a test that
//! fails can still clean up while it unwinds.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_mins(1);

/// A broker's management interface.
#[derive(Debug, Clone)]
pub(crate) struct Management {
    place: String,
    authorization: String,
}

impl Management {
    /// Reads `http://user:password@host:port`.
    pub(crate) fn at(url: &str) -> Self {
        let rest = url.strip_prefix("http://").expect("the management address begins with `http://`");
        let (login, place) = rest.rsplit_once('@').expect("the management address has user and password");
        let authorization = format!("Basic {}", BASE64_STANDARD.encode(login));
        Self { place: place.trim_end_matches('/').to_owned(), authorization }
    }

    /// Makes a virtual host that its maker may do everything in.
    pub(crate) fn create_vhost(&self, name: &str) {
        self.must("PUT", &format!("/api/vhosts/{name}"), None);
    }

    pub(crate) fn delete_vhost(&self, name: &str) {
        self.must("DELETE", &format!("/api/vhosts/{name}"), None);
    }

    pub(crate) fn create_user(&self, name: &str, password: &str) {
        self.create_user_with(name, password, "");
    }

    /// Makes a user that has these tags, and no right in any virtual host.
    pub(crate) fn create_user_with(&self, name: &str, password: &str, tags: &str) {
        let user = json!({ "password": password, "tags": tags });
        self.must("PUT", &format!("/api/users/{name}"), Some(&user));
    }

    pub(crate) fn delete_user(&self, name: &str) {
        self.must("DELETE", &format!("/api/users/{name}"), None);
    }

    pub(crate) fn allow(&self, vhost: &str, user: &str, configure: &str) {
        let rights = json!({ "configure": configure, "write": ".*", "read": ".*" });
        self.must("PUT", &format!("/api/permissions/{vhost}/{user}"), Some(&rights));
    }

    /// Lets a user into a virtual host, and do nothing there.
    pub(crate) fn allow_nothing(&self, vhost: &str, user: &str) {
        let rights = json!({ "configure": "^$", "write": "^$", "read": "^$" });
        self.must("PUT", &format!("/api/permissions/{vhost}/{user}"), Some(&rights));
    }

    pub(crate) fn delete_queue(&self, vhost: &str, queue: &str) {
        self.must("DELETE", &format!("/api/queues/{vhost}/{queue}"), None);
    }

    pub(crate) fn delete_exchange(&self, vhost: &str, exchange: &str) {
        self.must("DELETE", &format!("/api/exchanges/{vhost}/{exchange}"), None);
    }

    /// Lets at most `most` messages into the queue.
    pub(crate) fn limit_length(&self, vhost: &str, queue: &str, most: u32) {
        self.policy(vhost, queue, &json!({ "max-length": most }));
    }

    /// Lets messages stay in the queue for no time at all.
    pub(crate) fn expire(&self, vhost: &str, queue: &str) {
        self.policy(vhost, queue, &json!({ "message-ttl": 0 }));
    }

    fn policy(&self, vhost: &str, queue: &str, definition: &Value) {
        let pattern = format!("^{}$", queue.replace('.', "\\."));
        let policy = json!({ "pattern": pattern, "definition": definition, "apply-to": "queues" });
        self.must("PUT", &format!("/api/policies/{vhost}/{queue}"), Some(&policy));
    }

    /// The queue's definition and counts, if it is there.
    pub(crate) fn queue(&self, vhost: &str, queue: &str) -> Option<Value> {
        let (status, body) = self.send("GET", &format!("/api/queues/{vhost}/{queue}"), None);
        (status == 200).then_some(body)
    }

    /// The names of the connections to the virtual host, as the management interface knows them.
    pub(crate) fn connections(&self, vhost: &str) -> Vec<String> {
        let (_, body) = self.send("GET", &format!("/api/vhosts/{vhost}/connections"), None);
        let name = |connection: &Value| Some(connection.get("name")?.as_str()?.to_owned());
        body.as_array().into_iter().flatten().filter_map(name).collect()
    }

    /// Closes a connection. It may be gone already.
    pub(crate) fn close_connection(&self, name: &str) {
        let name = name.replace(' ', "%20").replace('>', "%3E");
        self.send("DELETE", &format!("/api/connections/{name}"), None);
    }

    fn must(&self, method: &str, path: &str, body: Option<&Value>) {
        let (status, answer) = self.send(method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(Value::to_string).unwrap_or_default();
        let Self { place, authorization } = self;
        let mut socket = TcpStream::connect(place).expect("the management interface answers");
        socket.set_read_timeout(Some(LIMIT)).expect("a socket has a time limit");
        write!(
            socket,
            "{method} {path} HTTP/1.0\r\nHost: {place}\r\nAuthorization: {authorization}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("the management interface takes a request");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("the management interface answers in time");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }
}
