//! The console: what people look at, in Danish, served by the hub itself. Pages are made on the
//! server; the one script only brings live parts up to date, and everything works without it.
//!
//! | room | what |
//! |---|---|
//! | [`access`] | who may see and do what; pure |
//! | [`door`], [`gate`] | how many come in; sessions, forms, headers |
//! | [`sign_in`], [`password`], [`openid`] | getting in |
//! | [`whence`], [`guesses`] | where a request comes from, and how often that was wrong; pure |
//! | [`layout`], [`assets`], [`fault`], [`words`], [`names`] | what all pages have |
//! | [`live`] | parts that change while somebody looks |
//! | [`purpose`], [`looking`], [`content`] | for what somebody looks at content, whether they may, how it is shown |
//! | [`drift`], [`pulse`] | operations |
//! | [`parked`] | what waits for a person, and what they do with it |
//! | [`search`] | finding messages, cases, and a citizen's |
//! | [`story`], [`standing`] | what became of a message or a case; its content; how things stand, in words |
//! | [`audit`] | who looked at what, who did what, whether the ledger is what it was |
//! | [`agreement`], [`upload`] | the agreement: read, asked about a message, compared |
//! | [`duties`], [`grants`] | what a party owes and is owed; a negotiator's grants and contracts |
//! | [`inbox`] | the tasks of mailboxes |
//! | [`forms`], [`raise`] | forms made of schemas, and the events that people make with them |
//! | [`ny`] | what people raise themselves |
//! | [`help`] | the runbook |
//! | [`api`] | the same for other systems |
//!
//! Nothing is open without signing in. No page, header or address holds anything about a person
//! but the content that its visitor asked for and may see.

mod access;
mod address;
mod agreement;
mod api;
mod assets;
mod audit;
mod content;
mod deeds;
mod door;
mod drift;
mod duties;
mod fault;
mod forms;
mod gate;
mod grants;
mod guesses;
mod help;
mod inbox;
mod lasting_right;
mod layout;
mod live;
mod looking;
mod named;
mod names;
mod ny;
mod openid;
mod parked;
mod password;
mod period;
mod pulse;
mod purpose;
mod raise;
mod search;
mod sign_in;
mod standing;
mod story;
mod trail;
mod upload;
mod whence;
mod words;

use std::sync::{Arc, Mutex};
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
pub use lasting_right::may_operate;
pub use openid::{Provider, Settings as OpenId};
pub use password::{Error as PasswordError, keep as keep_password};
pub use sign_in::link_path;

use crate::ledger::Tx;
use crate::web::address::Net;
use crate::{control, ledger};
use door::Door;
use fault::{Fault, page_of};
use gate::Visitor;
use guesses::Guesses;
use layout::Frame;

/// The largest form, in bytes.
const LARGEST: usize = 64 * 1024;

/// How many passwords are looked at at once.
const HASHING: usize = 2;

/// How long a connection may go on when the hub stops.
const PATIENCE: Duration = Duration::from_secs(2);

/// How the console is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How browsers reach it.
    pub origin: Origin,
    /// How long somebody stays signed in.
    pub lasting: Lasting,
    /// Whether the hub's own users get in by password.
    pub local: bool,
    /// Which proxies are believed that say whom they speak for.
    pub proxies: Vec<Net>,
    /// Whose sign-in is taken for ours.
    pub openid: Option<OpenId>,
    /// Whether what somebody has corrected counts only when a second person has approved it.
    pub edit_approval: bool,
}

/// The console of a running hub.
#[derive(Debug)]
pub struct Console {
    /// The hub.
    hub: control::Server,
    settings: Settings,
    board: drift::Board,
    agreement: agreement::Room,
    /// How grants stand, as they were folded last.
    folded: Arc<grants::Folded>,
    /// What is parked, as it was seen last.
    parked: live::Seen,
    /// Whether the ledger is being proved.
    proof: audit::Proof,
    turns: api::Turns,
    hashing: Arc<Semaphore>,
    provider: Option<Provider>,
    /// Wrong passwords and links.
    guesses: Mutex<Guesses>,
    /// Wrong tokens of systems.
    strangers: Mutex<Guesses>,
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
    pub fn new(hub: control::Server, settings: Settings, provider: Option<Provider>, stop: CancellationToken) -> Self {
        Self {
            provider,
            guesses: Mutex::new(Guesses::new(guesses::SIGN_IN)),
            strangers: Mutex::new(Guesses::new(guesses::TOKENS)),
            hub,
            settings,
            board: drift::Board::default(),
            agreement: agreement::Room::default(),
            folded: Arc::default(),
            parked: live::Seen::default(),
            proof: audit::Proof::default(),
            turns: api::Turns::default(),
            hashing: Arc::new(Semaphore::new(HASHING)),
            under_way: TaskTracker::new(),
            stop,
        }
    }

    /// Does something to its end. Whoever goes away meanwhile does not leave it half done: written down,
    /// and not followed.
    async fn to_its_end<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, Fault> {
        self.under_way.spawn(work).await.map_err(|_panicked| Fault::Broken)
    }

    /// Carries out a command of somebody's, to its end.
    async fn acts(self: &Arc<Self>, user: &str, command: control::Command) -> Result<serde_json::Value, Fault> {
        let (acting, user) = (Arc::clone(self), user.to_owned());
        let done = self.to_its_end(async move {
            let done = acting.hub.act(&user, command).await;
            acting.look_anew().await;
            done
        });
        Ok(done.await??)
    }

    /// Carries out what somebody does that is no command, to its end.
    async fn writes<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, ledger::Error> + Send + 'static,
    ) -> Result<T, Fault> {
        let writing = Arc::clone(self);
        let done = self.to_its_end(async move {
            let done = writing.hub.write(work).await;
            writing.look_anew().await;
            done
        });
        Ok(done.await??)
    }

    /// Forgets what was seen last: somebody has just changed it.
    async fn look_anew(&self) {
        self.board.seen.forget().await;
        self.parked.forget().await;
    }

    /// Serves pages until the hub stops; what is under way then has a moment to end.
    pub async fn serve(self, listener: TcpListener) {
        let stop = self.stop.clone();
        let under_way = self.under_way.clone();
        let serving = Door::new(listener).serve(router(Arc::new(self)), stop.clone());
        let patience = async {
            stop.cancelled().await;
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            () = serving => {}
            // Somebody holds a connection and says nothing: nobody waits for that.
            () = patience => {}
        }
        under_way.close();
        under_way.wait().await;
    }
}

fn router(console: Arc<Console>) -> Router {
    Router::new()
        .route("/", get(first))
        .merge(drift::routes())
        .merge(duties::routes())
        .merge(agreement::routes())
        .merge(grants::routes())
        .merge(openid::routes())
        .merge(parked::routes())
        .merge(story::routes())
        .merge(search::routes())
        .merge(audit::routes())
        .merge(inbox::routes())
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
        .layer(middleware::from_fn_with_state(Arc::clone(&console), trail::follow))
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
