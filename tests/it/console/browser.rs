//! A browser as far as the console is concerned: it keeps the cookie, and sends what it is told.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::wait;

/// A browser.
#[derive(Debug, Clone)]
pub(super) struct Browser {
    place: String,
    /// Name and value of each.
    cookies: Vec<(String, String)>,
    /// Sent with everything; the first of a name counts.
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Answer {
    /// The value of a header, its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The values of a header that may come several times.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What the first hidden field of that name holds on a page.
    pub(super) fn hidden(&self, name: &str) -> String {
        let begin = format!("name=\"{name}\" value=\"");
        let found = self.body.split_once(begin.as_str()).and_then(|(_, rest)| rest.split('"').next());
        found.unwrap_or_else(|| panic!("no {name}: {}", self.body)).to_owned()
    }

    /// Its body as JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("this is no JSON: {self:?}"))
    }

    /// What kind of problem it is, in the form that the API has for one.
    pub(super) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{problem}");
        let kind = problem["type"].as_str().and_then(|kind| kind.strip_prefix("urn:budstikke:problem:"));
        kind.unwrap_or_else(|| panic!("{problem}")).to_owned()
    }

    fn parse(head: &str, body: String) -> Self {
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|it| it.parse().ok());
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_lowercase(), value.trim().to_owned()))
        };
        Self { status: status.expect("a status"), headers: lines.filter_map(header).collect(), body }
    }
}

impl Browser {
    /// One that knows nothing yet of the console at a place: `127.0.0.1:8155`.
    pub(super) fn at(place: &str) -> Self {
        Self { place: place.to_owned(), cookies: Vec::new(), headers: Vec::new() }
    }

    /// The same, which says something else of itself.
    pub(super) fn saying(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.insert(0, (name.to_owned(), value.to_owned()));
        other
    }

    async fn send(&self, method: &str, path: &str, body: &str) -> BufReader<TcpStream> {
        let mut socket = TcpStream::connect(&self.place).await.expect("the console listens");
        let mut headers = self.headers.clone();
        let usual = [("host", self.place.as_str()), ("connection", "close")];
        headers.extend(usual.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        headers.extend((!cookies.is_empty()).then(|| ("cookie".to_owned(), cookies.join("; "))));
        if method == "POST" || !body.is_empty() {
            headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
            headers.push(("content-length".to_owned(), body.len().to_string()));
        }
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        for (at, (name, value)) in headers.iter().enumerate() {
            if !headers[..at].iter().any(|(known, _)| known == name) {
                request.extend([name, ": ", value, "\r\n"]);
            }
        }
        let sent = socket.write_all(format!("{request}\r\n{body}").as_bytes()).await;
        // Who refuses a form by its length need not read it.
        drop(sent);
        BufReader::new(socket)
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let asked = async {
            let mut socket = self.send(method, path, body).await;
            let head = head(&mut socket).await;
            let mut body = Vec::new();
            drop(socket.read_to_end(&mut body).await);
            Answer::parse(&head, String::from_utf8(body).expect("text"))
        };
        let answer = wait::soon("the console answers", asked).await;
        for set in answer.all("set-cookie") {
            let (name, value) = set.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            self.cookies.retain(|(known, _)| known != name);
            if !set.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }

    /// Calls as a system does, with a JSON body where there is one.
    pub(super) async fn calls(&mut self, method: &str, path: &str, body: &str) -> Answer {
        self.saying("content-type", "application/json").ask(method, path, body).await
    }

    /// Sends a body as it is, of the kind that it says it is.
    pub(super) async fn post_raw(&self, path: &str, body: &str) -> Answer {
        self.clone().ask("POST", path, body).await
    }

    /// Sends a form.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.ask("POST", path, &body).await
    }

    /// Sends a form of a page, with what stands in it against others' pages.
    pub(super) async fn submits(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf().await;
        let all: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        self.post(path, &all).await
    }

    /// Sends a form of a page that takes files: fields, and files with a name of their own.
    pub(super) async fn uploads(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &str)],
    ) -> Answer {
        let csrf = self.csrf().await;
        let mut body = String::new();
        for (name, value) in fields.iter().copied().chain([("csrf", csrf.as_str())]) {
            body.extend(["--§\r\ncontent-disposition: form-data; name=\"", name, "\"\r\n\r\n", value, "\r\n"]);
        }
        for (name, file, content) in files {
            body.extend(["--§\r\ncontent-disposition: form-data; name=\"", name, "\"; filename=\"", file]);
            body.extend(["\"\r\ncontent-type: application/octet-stream\r\n\r\n", content, "\r\n"]);
        }
        body.push_str("--§--\r\n");
        let body = body.replace("--§", "--a-boundary-that-no-file-has");
        let form = "multipart/form-data; boundary=a-boundary-that-no-file-has";
        self.saying("content-type", form).ask("POST", path, &body).await
    }

    /// What stands in the forms of its pages.
    pub(super) async fn csrf(&mut self) -> String {
        let page = self.get("/hjaelp/NO_RULE").await;
        page.hidden("csrf")
    }

    /// Gives a name and a password.
    pub(super) async fn signs_in(&mut self, user: &str, password: &str, wanted: &str) -> Answer {
        self.post("/log-ind", &[("bruger", user), ("kode", password), ("til", wanted)]).await
    }

    /// Begins to ask for something, and says no more.
    pub(super) async fn half_asks(&self) -> TcpStream {
        let mut socket = TcpStream::connect(&self.place).await.expect("the console listens");
        socket.write_all(b"GET /drift HTTP/1.1\r\nHo").await.expect("a little is sent");
        socket
    }

    /// Opens a live part. `None` where it is refused.
    pub(super) async fn watches(&self, path: &str) -> Option<Live> {
        let mut socket = self.send("GET", path, "").await;
        let head = wait::soon("the console answers", head(&mut socket)).await;
        head.starts_with("HTTP/1.1 200").then_some(Live(socket))
    }
}

async fn head(socket: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && socket.read_line(&mut head).await.expect("an answer") > 0 {}
    head
}

/// A live part of a page.
#[derive(Debug)]
pub(super) struct Live(BufReader<TcpStream>);

impl Live {
    /// Waits until it says something, and whether it does before it ends.
    pub(super) async fn says(&mut self, what: &str) -> bool {
        let mut seen = String::new();
        let heard = async {
            loop {
                let mut line = Vec::new();
                match self.0.read_until(b'\n', &mut line).await {
                    Ok(1..) => seen.push_str(&String::from_utf8_lossy(&line)),
                    Ok(0) | Err(_) => return false,
                }
                if seen.contains(what) {
                    return true;
                }
            }
        };
        wait::soon(&format!("the page says `{what}`, or ends"), heard).await
    }
}
