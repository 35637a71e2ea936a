//! The console: what people look at, in Danish, served by the hub itself. Pages are made on the
//! server; the one script only brings live parts up to date, and everything works without it.
//!
//! | room | what |
//! |---|---|
//! | [`access`] | who may see and do what; pure |
//! | [`door`], [`gate`] | how many come in; sessions, forms, headers |
//! | [`sign_in`], [`password`] | getting in |
//! | [`layout`], [`assets`], [`fault`], [`words`] | what all pages have |
//! | [`live`] | parts that change while somebody looks |
//! | [`purpose`], [`looking`], [`content`] | for what somebody looks at content, whether they may, how it is shown |
//! | [`drift`], [`pulse`] | operations |
//! | [`story`] | what became of a message or a case; its content |
//! | [`forms`], [`raise`] | forms made of schemas, and the events that people make with them |
//! | [`ny`] | what people raise themselves |
//! | [`help`] | the runbook |
//! | [`api`] | the same for other systems |
//!
//! Nothing is open without signing in. No page, header or address holds anything about a person
//! but the content that its visitor asked for and may see.

mod access;
mod api;
mod assets;
mod content;
mod door;
mod drift;
mod fault;
mod forms;
mod gate;
mod help;
mod layout;
mod live;
mod looking;
mod ny;
mod password;
mod pulse;
mod purpose;
mod raise;
mod sign_in;
mod story;
mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use crate::ledger::account::Lasting;
pub use access::{Person, Right, Role};
pub use gate::Origin;
pub use password::{Error as PasswordError, keep as keep_password};
pub use sign_in::link_path;

use crate::control;
use door::Door;
use fault::{Fault, page_of};
use gate::Visitor;
use layout::Frame;

/// The largest form, in bytes.
const LARGEST: usize = 64 * 1024;

/// How many passwords are looked at at once.
const HASHING: usize = 2;

/// How many connections there are at most: the broker's and the ledger's shall not want for one.
const VISITORS: usize = 512;

/// How long a connection may go on when the hub stops.
const PATIENCE: Duration = Duration::from_secs(2);

/// How the console is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How browsers reach it.
    pub origin: Origin,
    /// How long somebody stays signed in.
    pub lasting: Lasting,
}

/// The console of a running hub.
#[derive(Debug)]
pub struct Console {
    /// The hub.
    hub: control::Server,
    settings: Settings,
    board: drift::Board,
    turns: api::Turns,
    hashing: Arc<Semaphore>,
    /// What is done to its end though nobody waits for it any more.
    under_way: TaskTracker,
    stop: CancellationToken,
}

/// The page of somebody who may open none.
#[derive(askama::Template)]
#[template(path = "nothing.html", config = "src/console/askama.toml")]
struct Nothing {
    frame: Frame,
}

impl Console {
    /// The console of a hub.
    pub fn new(hub: control::Server, settings: Settings, stop: CancellationToken) -> Self {
        Self {
            hub,
            settings,
            board: drift::Board::default(),
            turns: api::Turns::default(),
            hashing: Arc::new(Semaphore::new(HASHING)),
            under_way: TaskTracker::new(),
            stop,
        }
    }

    /// Carries out a command of somebody's. Whoever goes away meanwhile does not leave it half done:
    /// written down, and not followed.
    async fn acts(self: &Arc<Self>, user: &str, command: control::Command) -> Result<serde_json::Value, Fault> {
        let (acting, user) = (Arc::clone(self), user.to_owned());
        let doing = self.under_way.spawn(async move {
            let done = acting.hub.act(&user, command).await;
            acting.look_anew().await;
            done
        });
        Ok(doing.await.map_err(|_panicked| Fault::Broken)??)
    }

    /// Serves pages until the hub stops; what is under way then has a moment to end.
    pub async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        let stop = self.stop.clone();
        let ending = stop.clone().cancelled_owned();
        let under_way = self.under_way.clone();
        let listener = Door { listener, room: Arc::new(Semaphore::new(VISITORS)) };
        let serving = axum::serve(listener, router(Arc::new(self))).with_graceful_shutdown(ending);
        let patience = async {
            stop.cancelled().await;
            tokio::time::sleep(PATIENCE).await;
        };
        let served = tokio::select! {
            served = serving => served,
            // Somebody holds a connection and says nothing: nobody waits for that.
            () = patience => Ok(()),
        };
        under_way.close();
        under_way.wait().await;
        served
    }
}

fn router(console: Arc<Console>) -> Router {
    Router::new()
        .route("/", get(first))
        .merge(drift::routes())
        .merge(story::routes())
        .merge(ny::routes())
        .merge(api::routes(&console))
        .route("/hjaelp/{code}", get(help::page))
        .route("/log-ind", get(sign_in::form).post(sign_in::by_password))
        .route("/log-ind/link/{link}", get(sign_in::link))
        .route("/log-ind/link", post(sign_in::by_link))
        .route("/log-ud", post(sign_in::out))
        .route("/filer/{name}", get(assets::serve))
        .fallback(nowhere)
        .method_not_allowed_fallback(nowhere)
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(middleware::from_fn_with_state(Arc::clone(&console), gate::guard))
        .with_state(console)
}

/// The first page that somebody may open.
async fn first(visitor: Visitor) -> Response {
    match layout::first(&visitor) {
        Some(place) => Redirect::to(place.path()).into_response(),
        None => page_of(&Nothing { frame: Frame::new(&visitor, None) }),
    }
}

/// Nobody learns without signing in which pages there are.
async fn nowhere(State(_): State<Arc<Console>>, _visitor: Visitor) -> Fault {
    Fault::NotFound
}
