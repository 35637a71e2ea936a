//! The agreement, what it would make of a message, and of a change.

use std::path::Path;

use super::Hub;
use super::browser::Browser;
use crate::post::Post;
use budstikke_testkit::plans::{Message, Plan};

const PAGES: [&str; 4] = ["/aftale", "/aftale/regler", "/aftale/forklar", "/aftale/sammenlign"];

fn agreement_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/agreement/dragoer-taarnby").join(name);
    std::fs::read_to_string(path).expect("it is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agreement_is_read_and_a_message_is_explained_and_not_kept() {
    let hub = Hub::new().await;
    let mut visitor = hub.visitor("ida", &["auditor"]).await;
    let mut nobody = hub.visitor("ingen", &[]).await;
    for page in PAGES {
        assert_eq!(visitor.get(page).await.status, 200, "{page}");
        assert_eq!(nobody.get(page).await.status, 403, "{page}");
        assert_eq!(hub.stranger().get(page).await.status, 303, "{page}");
    }
    assert_eq!(nobody.uploads("/aftale/forklar", &[("besked", "{}")], &[]).await.status, 403);
    assert_eq!(nobody.uploads("/aftale/sammenlign", &[("slags", "dage")], &[]).await.status, 403);

    is_read(&mut visitor).await;
    let mut system = hub.system("cura", &["sender:cura"]).await;
    let head = |report: serde_json::Value| (report["entries"].clone(), report["head"].clone());
    let before = head(hub.program.say(&["verify", "--json"]).await.json());
    let cpr = "2512489996";
    let letter = String::from_utf8(Message::new("KX1").plan(Plan::ggop("BX1").cpr(cpr)).bytes()).expect("UTF-8");
    is_explained(&mut visitor, &letter, cpr).await;
    is_refused(&mut visitor, &letter).await;
    is_called(&mut system, &letter, cpr).await;
    let after = head(hub.program.say(&["verify", "--json"]).await.json());
    assert_eq!(before, after, "nothing is kept");
    let post = Post::at(hub.vhost.address()).await;
    assert_eq!(post.depth("out.taarnby.genoptraening").await, 0, "nothing is sent");
    let log = hub.program.log();
    assert!(!log.contains(cpr) && !log.contains("Berggren"), "nothing is logged");
}

async fn is_read(visitor: &mut Browser) {
    let one = visitor.get("/aftale?lov=sel+%C2%A7+86&borgere=dragoer").await.body;
    assert!(one.contains("2021-08-31") && one.contains("2021-09-01") && !one.contains("SUL § 140"), "{one}");
    let rules = visitor.get("/aftale/regler?omraade=rehab&hold=genoptraening").await.body;
    assert!(rules.contains("rehab.plan.received") && rules.contains("7 dage efter udskrivning"), "{rules}");
    assert!(!rules.contains("smdb.period.ready"));
    let markup = visitor.get("/aftale?lov=%3Cscript%3E").await.body;
    assert!(!markup.contains("<script>") && markup.contains("&#60;script&#62;"), "{markup}");
    for page in ["/aftale?kendt=x", "/aftale?kendt=1900-01-01", "/aftale/regler?kendt=x"] {
        assert_eq!(visitor.get(page).await.status, 422, "{page}");
    }
}

async fn is_explained(visitor: &mut Browser, letter: &str, cpr: &str) {
    for (fields, files) in [
        (vec![("besked", letter)], vec![]),
        (vec![("adapter", "rehab-plan")], vec![("fil", "251248-9996 Nancy.xml", letter)]),
    ] {
        let answer = visitor.uploads("/aftale/forklar", &fields, &files).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        for part in
            ["Den fordeles", "rehab.plan.received", "taarnby/genoptraening", "som opgave", "XCTL03", "SUL § 140"]
        {
            assert!(answer.body.contains(part), "{part}: {}", answer.body);
        }
        for content in [cpr, "9996", "Nancy", "Berggren", "lårbenshals"] {
            assert!(!answer.body.contains(content), "{content} is content");
        }
    }
    // One that follows another is explained as if it followed it; a broken one says what is wrong.
    let twice = visitor.uploads("/aftale/forklar", &[("besked", letter)], &[("fil", "a.xml", letter)]).await.body;
    assert!(twice.contains("Besked 2") && twice.contains("Den er kommet før"), "{twice}");
    let broken = visitor.uploads("/aftale/forklar", &[("besked", "<no plan 2512489996")], &[]).await.body;
    assert!(broken.contains("XML_MALFORMED") && !broken.contains(cpr), "{broken}");
}

/// What is no message, too much, or not from our own page.
async fn is_refused(visitor: &mut Browser, letter: &str) {
    for (fields, status) in [
        (vec![("besked", " \n")], 422),
        (vec![("besked", "{}"), ("adapter", "nope")], 422),
        (vec![("besked", "{}"), ("kendt", "i går")], 422),
        (vec![("besked", "{}"), ("kendt", "1900-01-01")], 422),
    ] {
        assert_eq!(visitor.uploads("/aftale/forklar", &fields, &[]).await.status, status, "{fields:?}");
    }
    let large = "x".repeat(1024 * 1024 + 64 * 1024);
    assert_eq!(visitor.uploads("/aftale/forklar", &[("besked", &large)], &[]).await.status, 413);
    let many = [("fil", "a.xml", letter); 11];
    assert_eq!(visitor.uploads("/aftale/forklar", &[], &many).await.status, 422);
    assert_eq!(visitor.submits("/aftale/forklar", &[("besked", "{}")]).await.status, 422, "it is no form with files");
    let forged = visitor.uploads("/aftale/forklar", &[("csrf", "x"), ("besked", "{}")], &[]).await;
    assert_eq!(forged.status, 403, "{forged:?}");
}

/// The same by a call, which says what the command says.
async fn is_called(system: &mut Browser, letter: &str, cpr: &str) {
    let answer = system.calls("POST", "/api/v1/explain?adapter=rehab-plan", letter).await;
    let said = &answer.json()[0];
    assert_eq!(
        (said["outcome"].as_str(), said["adapter"].as_str()),
        (Some("routed"), Some("rehab-plan")),
        "{answer:?}"
    );
    assert!(!answer.body.contains(cpr) && !answer.body.contains("Berggren"), "{answer:?}");
    assert_eq!(system.calls("POST", "/api/v1/explain?adapter=nope", "{}").await.problem(), "unreadable");
    assert_eq!(system.calls("POST", "/api/v1/explain?known=x", "{}").await.problem(), "unreadable");
    assert_eq!(system.calls("POST", "/api/v1/explain", "").await.problem(), "unreadable");
    assert_eq!(system.calls("POST", "/api/v1/explain", &"x".repeat(1024 * 1024 + 1)).await.problem(), "too-large");
    assert!(system.get("/api/v1/agreement/rules").await.json().as_array().is_some_and(|all| all.len() > 50));
    let matrix = system.get("/api/v1/agreement/matrix?known=2026-11-01").await.json();
    assert_eq!(matrix[0]["agreement"], "dragoer-taarnby");
    assert_eq!(system.get("/api/v1/agreement/matrix?known=1900-01-01").await.problem(), "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn editions_are_compared_and_what_does_not_hold_is_said() {
    let hub = Hub::new().await;
    let mut visitor = hub.visitor("ida", &["leader:dragoer"]).await;
    let days = [("slags", "dage"), ("foer", "2026-11-01"), ("efter", "2026-11-01")];
    let same = visitor.uploads("/aftale/sammenlign", &days, &[]).await;
    assert!(same.status == 200 && same.body.contains("Intet ændres"), "{same:?}");
    let unknown = [("slags", "dage"), ("foer", "1900-01-01"), ("efter", "2026-11-01")];
    assert_eq!(visitor.uploads("/aftale/sammenlign", &unknown, &[]).await.status, 422);

    let to = [("slags", "filer"), ("aftale", "dragoer-taarnby")];
    let file = agreement_file("genoptraening.toml");
    let broken = file.replacen("udfoerer/genoptraening", "udfoerer/<b>nowhere</b>", 1);
    let gap = file.replacen("id          = \"forloeb-afsluttet\"", "id          = \"niveau-fastsat\"", 1);
    for (name, text, said) in [
        ("genoptraening.toml", "[[regel]\n", "genoptraening.toml"),
        ("genoptraening.toml", broken.as_str(), "nowhere"),
        ("genoptraening.toml", gap.as_str(), "niveau-fastsat"),
        ("../../x.toml", file.as_str(), "Filerne holder ikke"),
        ("Øvrige.toml", file.as_str(), "skal hedde som i aftalens mappe"),
        ("x.txt", file.as_str(), "skal hedde som i aftalens mappe"),
    ] {
        let answer = visitor.uploads("/aftale/sammenlign", &to, &[("fil", name, text)]).await;
        assert!(answer.status == 422 && answer.body.contains(said), "{name}: {answer:?}");
        assert!(!answer.body.contains("<b>nowhere"), "markup is text");
    }
    let elsewhere = [("slags", "filer"), ("aftale", "odense")];
    assert_eq!(visitor.uploads("/aftale/sammenlign", &elsewhere, &[("fil", "a.toml", &file)]).await.status, 422);
    assert_eq!(visitor.uploads("/aftale/sammenlign", &to, &[]).await.status, 422);

    // What changes is said, with for whom and from when.
    let edited = agreement_file("postkasser.toml").replacen("Genoptræning, Dragør", "Genoptræning i Dragør", 1);
    let answer = visitor.uploads("/aftale/sammenlign", &to, &[("fil", "postkasser.toml", &edited)]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.body.contains("Fejl i filerne"), "{answer:?}");
}
