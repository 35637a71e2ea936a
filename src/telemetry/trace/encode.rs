//! Spans in the form of OTLP.

use budstikke_contract::person::printable;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Link, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span as Wire, Status};
use prost::Message;

use super::{Side, Span, Value};

/// That the receiver of a context may count on the span (W3C Trace Context, 3.2.2.5.1).
const SAMPLED: u32 = 1;

/// Spans as a collector takes them.
pub(super) fn encode(spans: Vec<Span>) -> Vec<u8> {
    let resource = Resource {
        attributes: vec![attribute("service.name", "budstikke".into()), attribute("service.version", VERSION.into())],
        ..Resource::default()
    };
    let scope =
        InstrumentationScope { name: "budstikke".to_owned(), version: VERSION.to_owned(), ..Default::default() };
    let spans = spans.into_iter().map(wire).collect();
    let scope_spans = ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() };
    let all = ResourceSpans { resource: Some(resource), scope_spans: vec![scope_spans], ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![all] }.encode_to_vec()
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn wire(span: Span) -> Wire {
    let began = u64::try_from(span.began.as_nanosecond()).unwrap_or(0);
    let took = u64::try_from(span.took.as_nanos()).unwrap_or(u64::MAX);
    let code = if span.failed { StatusCode::Error } else { StatusCode::Unset };
    Wire {
        trace_id: span.place.trace.to_vec(),
        span_id: span.place.span.to_vec(),
        parent_span_id: span.parent.map_or_else(Vec::new, |parent| parent.to_vec()),
        flags: SAMPLED,
        name: printable(&span.name).to_owned(),
        kind: kind(span.side).into(),
        start_time_unix_nano: began,
        end_time_unix_nano: began.saturating_add(took),
        attributes: span.about.into_iter().map(|(key, value)| attribute(key, value)).collect(),
        links: span
            .links
            .into_iter()
            .map(|link| Link { trace_id: link.trace.to_vec(), span_id: link.span.to_vec(), ..Link::default() })
            .collect(),
        status: Some(Status { code: code.into(), ..Status::default() }),
        ..Wire::default()
    }
}

fn kind(side: Side) -> SpanKind {
    match side {
        Side::Inside => SpanKind::Internal,
        Side::Server => SpanKind::Server,
        Side::Client => SpanKind::Client,
        Side::Producer => SpanKind::Producer,
        Side::Consumer => SpanKind::Consumer,
    }
}

/// A text that reads as a CPR number is masked, whoever forgot that it could.
fn attribute(key: &'static str, value: Value) -> KeyValue {
    let value = match value {
        Value::Text(text) => Any::StringValue(printable(&text).to_owned()),
        Value::Number(number) => Any::IntValue(number),
    };
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}
