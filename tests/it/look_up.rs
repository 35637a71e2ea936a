//! A service that the hub asks, in the process: it does what the test says, and keeps what it was
//! asked.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Response, header};
use budstikke::web::{Settings, Url};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use std::time::Duration;

/// A question as it came.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Method, path and headers.
    pub(crate) head: String,
    pub(crate) path: String,
    pub(crate) body: String,
}

/// What it says.
#[derive(Debug, Clone)]
pub(crate) enum Says {
    /// This, as JSON.
    Json(u16, String),
    /// This, as HTML.
    Html(u16, String),
    /// Nothing, ever.
    Nothing,
}

/// The citizen lives there.
pub(crate) fn lives(code: &str) -> Says {
    Says::Json(200, format!("{{\"municipality\": \"{code}\", \"protected\": false}}"))
}

type Script = Arc<Mutex<Box<dyn FnMut(&Question) -> Says + Send>>>;

/// The service.
pub(crate) struct LookUp {
    port: u16,
    asked: Arc<Mutex<Vec<Question>>>,
    script: Script,
    _work: JoinSet<()>,
}

impl std::fmt::Debug for LookUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LookUp({})", self.port)
    }
}

impl LookUp {
    pub(crate) async fn start(script: impl FnMut(&Question) -> Says + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let asked: Arc<Mutex<Vec<Question>>> = Arc::default();
        let script: Script = Arc::new(Mutex::new(Box::new(script)));
        let (seen, does) = (Arc::clone(&asked), Arc::clone(&script));
        let app =
            axum::Router::new().fallback(move |request: Request| serve(request, Arc::clone(&seen), Arc::clone(&does)));
        let mut work = JoinSet::new();
        work.spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self { port, asked, script, _work: work }
    }

    /// What it says from now on.
    pub(crate) fn says(&self, script: impl FnMut(&Question) -> Says + Send + 'static) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(script);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/opslag", self.port)
    }

    /// How the hub gets there.
    pub(crate) fn settings(&self) -> Settings {
        Settings::here(Url::parse(&self.url()).expect("an address"), Duration::from_secs(30))
    }

    /// Everything that it was asked, in order.
    pub(crate) fn asked(&self) -> Vec<Question> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(request: Request, seen: Arc<Mutex<Vec<Question>>>, does: Script) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let question = Question {
        head: format!("{} {} {:?}", parts.method, parts.uri, parts.headers),
        path: parts.uri.to_string(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(question.clone());
    let says = (does.lock().unwrap_or_else(PoisonError::into_inner))(&question);
    let (status, media_type, body) = match says {
        Says::Json(status, body) => (status, "application/json", body),
        Says::Html(status, body) => (status, "text/html", body),
        Says::Nothing => std::future::pending().await,
    };
    let answer = Response::builder().status(status).header(header::CONTENT_TYPE, media_type);
    answer.body(Body::from(body)).expect("an answer")
}
