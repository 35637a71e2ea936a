use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use proptest::prelude::*;
use prost::Message;

use super::encode::encode;
use super::*;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn span() -> Span {
    Span {
        name: "deliver".into(),
        place: Context::of_event(&[7; 16]).beside(),
        parent: Some([7; 8]),
        links: vec![Context::parse(&format!("00-{TRACE}-b7ad6b7169203331-01")).unwrap()],
        side: Side::Producer,
        began: Timestamp::from_second(1_700_000_000).unwrap(),
        took: Duration::from_millis(5),
        failed: true,
        about: vec![("mailbox", "dragoer/ydelse".into()), ("attempt", 3.into())],
    }
}

#[test]
fn where_no_collector_is_named_nothing_is_measured() {
    let traces = Traces::default();
    assert!(!traces.are_on() && traces.begin().is_none());
    traces.end(None, "never", |_| panic!("nobody asks"));
}

#[test]
fn a_traceparent_is_read_strictly() {
    let read = |text: &str| Context::parse(text).is_some();
    assert!(read(&format!("00-{TRACE}-b7ad6b7169203331-00")));
    for bad in [
        String::new(),
        format!("01-{TRACE}-b7ad6b7169203331-00"),
        format!("00-{TRACE}-b7ad6b7169203331"),
        format!("00-{TRACE}-b7ad6b7169203331-00-x"),
        format!("00-{}-b7ad6b7169203331-00", TRACE.to_uppercase()),
        format!("00-{}-b7ad6b7169203331-00", "0".repeat(32)),
        format!("00-{TRACE}-0000000000000000-00"),
        format!("00-{TRACE}0-b7ad6b7169203331-00"),
        "00-Berggren-2512489996-00".to_owned(),
        // A number that somebody put where an id belongs.
        "00-0000000000000000000000a2512489996-b7ad6b7169203331-00".replacen('0', "", 1),
        format!("00-{TRACE}-0000002512489996-00"),
    ] {
        assert!(!read(&bad), "{bad}");
    }
}

#[test]
fn a_span_comes_through_as_it_is() {
    let sent = encode(vec![span()]);
    let read = ExportTraceServiceRequest::decode(sent.as_slice()).unwrap();
    let all = &read.resource_spans[0];
    let name = &all.resource.as_ref().unwrap().attributes[0];
    assert_eq!((name.key.as_str(), format!("{:?}", name.value).contains("budstikke")), ("service.name", true));
    let wire = &all.scope_spans[0].spans[0];
    assert_eq!((wire.trace_id.as_slice(), wire.parent_span_id.as_slice()), ([7; 16].as_slice(), [7; 8].as_slice()));
    assert_eq!(wire.end_time_unix_nano - wire.start_time_unix_nano, 5_000_000);
    assert_eq!((wire.kind, wire.status.as_ref().unwrap().code), (4, 2));
    assert_eq!(data_encoding::HEXLOWER.encode(&wire.links[0].trace_id), TRACE);
    assert_eq!(wire.attributes.len(), 2);
}

#[test]
fn a_number_that_slips_in_is_masked() {
    let about = vec![("what", Value::from("2512489996".to_owned()))];
    let sent = encode(vec![Span { name: "GET /x/2512489996".into(), about, ..span() }]);
    assert!(!String::from_utf8_lossy(&sent).contains("2512489996"));
}

#[tokio::test]
async fn what_nobody_takes_is_left_out_and_nobody_waits() {
    let (spans, mut waiting) = mpsc::channel(2);
    let traces = Traces(Some(Arc::new(Open { spans, clock: Clock::system() })));
    for _ in 0..10 {
        traces.end(traces.begin(), "one", |_| {});
    }
    assert!(waiting.try_recv().is_ok() && waiting.try_recv().is_ok() && waiting.try_recv().is_err());
}

proptest! {
    #[test]
    fn whatever_a_stranger_sends_is_read_or_not(header in "\\PC{0,60}", trace in "[0-9a-f]{32}", span in "[0-9a-f]{16}") {
        prop_assert!(Context::parse(&header).is_none_or(|read| read.trace != [0; 16]));
        if let Some(read) = Context::parse(&format!("00-{trace}-{span}-01")) {
            prop_assert_eq!(data_encoding::HEXLOWER.encode(&read.trace), trace);
            prop_assert_eq!(data_encoding::HEXLOWER.encode(&read.span), span);
        }
    }
}
