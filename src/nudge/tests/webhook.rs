//! A webhook at a server that takes, refuses, or keeps us waiting.

use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::web;

/// How long a request may take here.
const TIMEOUT: Duration = Duration::from_millis(300);

/// What a server does with a request that it has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Takes,
    Refuses,
    /// Nothing, ever.
    Hangs,
    /// One byte of the answer's head now and then, without end.
    Trickles,
    /// That it takes it, and then a body without end.
    GoesOn,
    /// Hangs up.
    Cuts,
}

/// Somebody's server.
struct Hook {
    port: u16,
    answer: Arc<Mutex<Answer>>,
    /// What came: head and body.
    asked: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Hook {
    async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answer, asked) = (Arc::new(Mutex::new(answer)), Arc::new(Mutex::default()));
        let mut serving = JoinSet::new();
        let (how, kept) = (Arc::clone(&answer), Arc::clone(&asked));
        serving.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (how, kept) = (Arc::clone(&how), Arc::clone(&kept));
                // Who hangs up on us is not our trouble.
                open.spawn(async move { drop(serve(socket, &how, &kept).await) });
            }
        });
        Self { port, answer, asked, _serving: serving }
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn way(&self, timeout: Duration) -> Way {
        let url = web::Url::parse(&format!("http://127.0.0.1:{}/besked", self.port)).unwrap();
        let settings = web::Settings::here(url, timeout);
        Way::Webhook(Box::new(web::Endpoint::open(settings, Clock::system()).unwrap()))
    }
}

async fn serve(mut socket: TcpStream, how: &Mutex<Answer>, kept: &Mutex<Vec<String>>) -> std::io::Result<()> {
    loop {
        let (mut request, mut piece) = (String::new(), [0; 4096]);
        // The body is one line of JSON.
        while !request.ends_with('}') {
            let read = socket.read(&mut piece).await?;
            if read == 0 {
                return Ok(());
            }
            request.push_str(&String::from_utf8_lossy(&piece[..read]));
        }
        kept.lock().unwrap().push(request);
        let answer = *how.lock().unwrap();
        match answer {
            Answer::Takes => socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?,
            Answer::Refuses => socket.write_all(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n").await?,
            Answer::Hangs => std::future::pending().await,
            Answer::Trickles => {
                socket.write_all(b"HTTP/1.1 200 OK\r\n").await?;
                loop {
                    socket.write_all(b"x").await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            Answer::GoesOn => {
                socket.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
                loop {
                    socket.write_all(b"1\r\nx\r\n").await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            Answer::Cuts => return Ok(()),
        }
    }
}

/// By what a repeat can be known.
fn key(request: &str) -> &str {
    let line = request.lines().find(|line| line.to_ascii_lowercase().starts_with("idempotency-key:"));
    line.and_then(|line| line.split_once(": ")).expect("it has a key").1
}

#[tokio::test]
async fn a_webhook_says_how_many_and_no_more() {
    let hook = Hook::start(Answer::Takes).await;
    let fixture = fixture_by(hook.way(TIMEOUT));
    let mut waits = Policy::new(Duration::from_millis(1), Duration::from_millis(2)).waits();
    fixture.comes("one", "dragoer/ydelse").await;
    fixture.after(0, &mut waits).await;
    fixture.after(1, &mut waits).await;
    let [request]: [String; 1] = hook.asked().try_into().expect("it is told once");
    assert!(request.starts_with("POST /besked HTTP/1.1\r\n"), "{request}");
    let body: Value = serde_json::from_str(request.rsplit("\r\n\r\n").next().unwrap()).unwrap();
    let wanted = json!({"mailbox": "dragoer/ydelse", "name": "Ydelse, Dragør", "new": 1, "late": 0,
        "link": "https://hub.example/indbakke"});
    assert_eq!(body, wanted);
    assert_eq!(fixture.trouble(), Vec::<String>::new());
}

#[tokio::test]
async fn a_server_that_accepts_and_never_answers_is_given_up_and_tried_again() {
    for answer in [Answer::Hangs, Answer::Trickles, Answer::Cuts, Answer::Refuses] {
        let hook = Hook::start(answer).await;
        let fixture = fixture_by(hook.way(TIMEOUT));
        let mut waits = Policy::new(Duration::from_millis(1), Duration::from_millis(2)).waits();
        fixture.comes("one", "dragoer/ydelse").await;
        let begun = Instant::now();
        fixture.after(0, &mut waits).await;
        assert!(begun.elapsed() < TIMEOUT * 10, "{answer:?}: {:?}", begun.elapsed());
        assert_eq!(fixture.trouble(), ["Webhook for dragoer/ydelse"], "{answer:?}");
        fixture.after(1, &mut waits).await;
        hook.answers(Answer::Takes);
        fixture.after(1, &mut waits).await;
        assert_eq!(fixture.trouble(), Vec::<String>::new(), "{answer:?}");
        let told = hook.asked();
        fixture.after(1, &mut waits).await;
        assert_eq!(hook.asked().len(), told.len(), "{answer:?}: it was told, and is not told again");
        // Whoever got it and did not say so can tell that it is the same.
        assert!(told.len() >= 3 && told.iter().all(|request| key(request) == key(&told[0])), "{answer:?}: {told:#?}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_enough() {
    let hook = Hook::start(Answer::GoesOn).await;
    let fixture = fixture_by(hook.way(TIMEOUT));
    let mut waits = Policy::new(Duration::from_millis(1), Duration::from_millis(2)).waits();
    fixture.comes("one", "dragoer/ydelse").await;
    fixture.after(0, &mut waits).await;
    fixture.after(60, &mut waits).await;
    assert_eq!(hook.asked().len(), 1);
    assert_eq!(fixture.trouble(), Vec::<String>::new());
}

#[tokio::test]
async fn a_server_that_hangs_does_not_hold_up_a_hub_that_stops() {
    let hook = Hook::start(Answer::Hangs).await;
    let fixture = fixture_by(hook.way(Duration::from_mins(5)));
    fixture.comes("one", "dragoer/ydelse").await;
    let stop = CancellationToken::new();
    let Fixture { watch, ledger, _folder, .. } = fixture;
    let mut watching = JoinSet::new();
    watching.spawn(watch.run(stop.clone()));
    while hook.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(10), watching.join_next()).await;
    ended.expect("it ends, though nobody has answered").unwrap().unwrap();
    let to_tell =
        ledger.read(|reader| reader.to_tell("dragoer/ydelse", "webhook", "2026-11-23".parse().unwrap())).await;
    assert_eq!(to_tell.unwrap().0.new, 1, "it was not told, and will be");
}
