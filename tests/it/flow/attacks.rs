//! Messages made to do harm: each is kept and parked with its reason, and the next one passes.

use budstikke_testkit::plans::{Message, Plan};
use serde_json::json;

use super::rig::{DRAGOER, Rig, TAARNBY, VANS, canonical, plan_in_case};
use super::wire::Given;

const MEBIBYTE: usize = 1024 * 1024;

/// What must not stand in a reason, a code or a log line.
const MARKER: &str = "2512489996";

/// Attacks on whoever reads XML, with the code that each is parked with.
fn attacks() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let in_root = |inner: &str| format!("<Emessage>{inner}</Emessage>").into_bytes();
    let bomb = (1..12).fold("<!ENTITY e0 \"ha\">".to_owned(), |bomb, level| {
        let uses = format!("&e{};", level - 1).repeat(10);
        format!("{bomb}<!ENTITY e{level} \"{uses}\">")
    });
    let attributes = (0..1_000_000).fold(String::new(), |all, number| all + &format!(" a{number}=''"));
    let plan = Message::new("K1").plan(Plan::ggop("B1").cpr(MARKER)).bytes();
    let with = |bytes: &[u8]| [b"<Emessage>".as_slice(), bytes, b"</Emessage>"].concat();
    vec![
        (
            "an entity bomb",
            format!("<!DOCTYPE Emessage [{bomb}]><Emessage>&e11;</Emessage>").into_bytes(),
            "XML_FORBIDDEN",
        ),
        (
            "an external entity",
            b"<!DOCTYPE Emessage [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Emessage>&x;</Emessage>".to_vec(),
            "XML_FORBIDDEN",
        ),
        ("deep nesting", "<a>".repeat(200_000).into_bytes(), "XML_FORBIDDEN"),
        ("a million attributes", format!("<Emessage{attributes}/>").into_bytes(), "XML_FORBIDDEN"),
        ("a million elements", in_root(&"<a/>".repeat(1_000_000)), "XML_FORBIDDEN"),
        ("a huge text", in_root(&"x".repeat(9 * MEBIBYTE)), "XML_FORBIDDEN"),
        ("nothing at all", Vec::new(), "XML_MALFORMED"),
        ("sixteen mebibytes and one byte", in_root(&" ".repeat(16 * MEBIBYTE)), "XML_FORBIDDEN"),
        ("bytes that are no UTF-8", with(b"\xc3\x28\xff\xfe"), "XML_MALFORMED"),
        ("an overlong form of a slash", with(b"\xc0\xaf"), "XML_MALFORMED"),
        ("zeros", vec![0; 4096], "XML_MALFORMED"),
        ("another character set", plan_in_utf16(&plan), "ENCODING_UNKNOWN"),
        ("half a plan", plan[..plan.len() / 2].to_vec(), "XML_MALFORMED"),
        ("two plans in one", [plan.as_slice(), &plan].concat(), "XML_MALFORMED"),
    ]
}

fn plan_in_utf16(plan: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(plan).replace("UTF-8", "UTF-16");
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attack_is_parked_and_the_next_message_passes() {
    let mut rig = Rig::start().await;
    let attacks = attacks();
    for (what, body, code) in &attacks {
        rig.send(&Given::to("rehab-plan", body.clone()), 1).await;
        rig.taken().await;
        let parked = rig.read(|reader| reader.parked()).await.0;
        let reason = parked.last().and_then(|item| item.reason.clone()).expect(what);
        assert_eq!(reason.code.as_str(), *code, "{what}: {reason}");
        assert!(!reason.to_string().contains(MARKER), "{what}: {reason}");
        assert!(parked.last().is_some_and(|item| item.refused), "{what}");
    }
    rig.plan(Plan::ggop("B1").cpr(MARKER)).await;
    rig.got(TAARNBY, 1).await;
    rig.got(DRAGOER, 1).await;
    rig.parked_items(attacks.len()).await;
    rig.got(VANS, 1).await;
    rig.finish().await;
}

/// All at once, and good plans between them: the batch that holds an attack is not its victim.
#[tokio::test(flavor = "multi_thread")]
async fn attacks_in_a_batch_do_not_touch_their_neighbours() {
    let mut rig = Rig::start().await;
    let mut all = Vec::new();
    for (number, (_, body, _)) in attacks().into_iter().filter(|(_, body, _)| body.len() < MEBIBYTE).enumerate() {
        let plan = plan_in_case(format!("B{number}"), number);
        all.push(Given::to("rehab-plan", body));
        all.push(Given::to("rehab-plan", Message::new(format!("K{number}")).plan(plan).bytes()));
    }
    rig.send_all(&all).await;
    rig.taken().await;
    rig.parked_items(all.len() / 2).await;
    rig.got(TAARNBY, all.len() / 2).await;
    rig.got(VANS, all.len() / 2).await;
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attack_on_the_reader_of_events_is_parked_and_the_next_message_passes() {
    let mut rig = Rig::start().await;
    let case = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";
    let mut good = canonical("rehab.level.set", "good", "/taarnby/cura", case, &json!({"level": "basal"}));
    good["residence"] = json!("155");
    let text = good.to_string();
    let attacks: Vec<Vec<u8>> = vec![
        Vec::new(),
        vec![0; 64],
        b"null".to_vec(),
        "[".repeat(1_000_000).into_bytes(),
        format!("{{\"data\":{}", "{\"a\":".repeat(200_000)).into_bytes(),
        format!("\"{}\"", "x".repeat(16 * MEBIBYTE)).into_bytes(),
        text.replace("basal", "\u{0}").into_bytes(),
        text.replace("\"basal\"", "1e999999").into_bytes(),
        text.replace("\"basal\"", &"9".repeat(100_000)).into_bytes(),
        text.replace("{\"level\"", "{\"level\":\"avanceret\",\"level\"").into_bytes(),
        text.replace("\"1.0\"", "\"2.0\"").into_bytes(),
        text.replace(".v1\"", ".v2\"").into_bytes(),
        text.bytes().map(|byte| if byte == b'b' { 0xff } else { byte }).collect(),
        text.repeat(2).into_bytes(),
        text.replace("\"good\"", &format!("\"{}\"", "i".repeat(100_000))).into_bytes(),
    ];
    for (number, body) in attacks.iter().enumerate() {
        rig.send(&Given::to("events", body.clone()), 1).await;
        rig.taken().await;
        let parked = rig.read(|reader| reader.parked()).await.0;
        assert_eq!(parked.len(), number + 1, "attack {number} is parked");
    }
    rig.event(&good).await;
    let parked = rig.read(|reader| reader.parked()).await.0;
    let codes: Vec<_> = parked.iter().filter_map(|it| it.reason.as_ref().map(ToString::to_string)).collect();
    rig.taken().await;
    assert_eq!(rig.balance().await.routed, 1, "the good one is not held by any of them: {codes:#?}");
    rig.got(DRAGOER, 1).await;
    rig.finish().await;
}
