//! Traces, as a collector gets them from a hub that runs.

use std::collections::BTreeMap;
use std::time::Instant;

use budstikke::web;
use budstikke_testkit::plans::{Message, Plan};
use data_encoding::HEXLOWER;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use super::rig::{DRAGOER, Rig, TAARNBY, VANS};
use super::wire::Given;
use crate::post::XML;
use crate::receiver::{Act, Asked, Receiver};
use crate::wait;

const SENDER: &str = "0af7651916cd43dd8448eb211c80319c";
const CPR: &str = "2512489996";

/// To a collector at `url`.
fn otlp(url: &str) -> web::Settings {
    web::Settings::here(web::Url::parse(url).expect("an address"), std::time::Duration::from_secs(2))
}

fn spans(asked: &[Asked]) -> Vec<Span> {
    let read = |asked: &Asked| {
        assert_eq!((asked.path.as_str(), asked.header("content-type")), ("/v1/traces", "application/x-protobuf"));
        ExportTraceServiceRequest::decode(asked.body.as_slice()).expect("OTLP")
    };
    let all = asked.iter().map(read).flat_map(|it| it.resource_spans).flat_map(|it| it.scope_spans);
    all.flat_map(|it| it.spans).collect()
}

fn about(span: &Span) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(_)
        | Value::DoubleValue(_)
        | Value::ArrayValue(_)
        | Value::KvlistValue(_)
        | Value::BytesValue(_)
        | Value::StringValueStrindex(_) => panic!("{value:?} says nothing that we say"),
    };
    let value = |it: &opentelemetry_proto::tonic::common::v1::KeyValue| it.value.clone().and_then(|it| it.value);
    span.attributes.iter().map(|it| (it.key.clone(), value(it).as_ref().map(text).unwrap_or_default())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_the_story_of_an_event_and_nothing_about_a_person() {
    let collector = Receiver::start(|_| Act::status(200)).await;
    let url = collector.url("");
    let mut rig = Rig::with(|settings| settings.telemetry.otlp = Some(otlp(&url))).await;
    let plan = Message::new("K1").plan(Plan::ggop("B1").cpr(CPR)).bytes();
    let given = Given::to("rehab-plan", plan).media_type(XML).traced(&format!("00-{SENDER}-b7ad6b7169203331-01"));
    rig.send(&given, 1).await;
    let got = rig.got(TAARNBY, 1).await;
    rig.got(DRAGOER, 1).await;
    rig.got(VANS, 1).await;
    rig.plan(Plan::ggop("B2").municipality("461").cpr(CPR)).await;
    rig.got(VANS, 2).await;
    // When it stops it sends what it still has.
    rig.stop().await;

    let seen = spans(&collector.asked());
    let named = |name: &str| -> Vec<&Span> { seen.iter().filter(|span| span.name == name).collect() };
    let traceparent: Vec<String> = got[0].headers["traceparent"].split('-').map(str::to_owned).collect();
    let [_, trace, parent, flags] = traceparent.as_slice() else { panic!("{traceparent:?}") };
    assert_eq!(flags, "01", "the receiver is told that it is followed");

    let of_event = |span: &&&Span| HEXLOWER.encode(&span.trace_id) == *trace;
    let items = named("item");
    let item = items.iter().find(of_event).expect("the trace's id is the event's");
    assert_eq!(item.parent_span_id, Vec::<u8>::new());
    let linked: Vec<String> = item.links.iter().map(|link| HEXLOWER.encode(&link.trace_id)).collect();
    assert!(linked.contains(&SENDER.to_owned()), "{linked:?}");
    let said = about(item);
    assert_eq!((said["budstikke.source"].as_str(), said["budstikke.outcome"].as_str()), ("rehab-plan", "routed"));
    for part in ["translate", "decide", "deliver"] {
        let parts = named(part);
        let part = parts.iter().find(of_event).unwrap_or_else(|| panic!("no `{part}`"));
        assert_eq!(part.parent_span_id, item.span_id);
        assert!(part.start_time_unix_nano <= part.end_time_unix_nano);
    }
    let deliveries = named("deliver");
    let delivery = deliveries.iter().find(|span| HEXLOWER.encode(&span.span_id) == *parent);
    let delivery = about(delivery.expect("what a receiver hangs on is there"));
    assert_eq!((delivery["budstikke.mailbox"].as_str(), delivery["budstikke.result"].as_str()), (TAARNBY, "delivered"));
    let parked = items.iter().map(|span| about(span)).find(|said| said["budstikke.outcome"] == "parked");
    assert_eq!(parked.expect("the other one is told of")["budstikke.code"], "OUTSIDE_AGREEMENT");
    assert!(!named("intake.batch").is_empty() && !named("ledger.write").is_empty());

    let all: Vec<u8> = collector.asked().into_iter().flat_map(|asked| asked.body).collect();
    let text = String::from_utf8_lossy(&all);
    for secret in [CPR, "251248-9996", "Berggren"] {
        assert!(!text.contains(secret), "{secret} is in a span");
    }
    // By the number of a letter its citizen can be found; ids are bytes, in which two letters come by chance.
    let words = seen.iter().flat_map(|span| about(span).into_values().chain([span.name.clone()]));
    for word in words {
        assert!(!["B1", "B2", "K1"].iter().any(|number| word.contains(number)), "{word}");
    }
    rig.begin().await;
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_holds_nothing_up() {
    let collector = Receiver::start(|_| Act::Hang).await;
    let url = collector.url("");
    let mut rig = Rig::with(|settings| settings.telemetry.otlp = Some(otlp(&url))).await;
    rig.plan(Plan::ggop("B1").cpr(CPR)).await;
    rig.got(TAARNBY, 1).await;
    rig.got(DRAGOER, 1).await;
    rig.got(VANS, 1).await;
    collector.has(1).await;
    let begun = Instant::now();
    wait::soon("it stops", rig.stop()).await;
    assert!(begun.elapsed() < rig.settings.stop_grace, "{:?}", begun.elapsed());
    rig.settings.telemetry.otlp = None;
    rig.begin().await;
    rig.finish().await;
}
