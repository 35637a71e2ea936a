//! What the broker module counts.

use metrics_exporter_prometheus::PrometheusBuilder;

use budstikke::broker::{Publish, Published};

use crate::handler::Keep;
use crate::hub::{Hub, consume, in_queue, incoming};
use crate::node::Vhost;
use crate::wait;

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted_with_labels_that_no_message_chooses() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let metrics = recorder.handle();
    metrics::set_global_recorder(recorder).expect("the only recorder of this program");
    let vhost = Vhost::new();
    let keep = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(&in_queue(), &keep)]).await;
    hub.insert((0..10).map(|number| format!("0101014321-{number}"))).await;
    let nobody = Publish { routing_key: "0101014321".to_owned(), ..incoming("nobody") };
    assert_eq!(hub.publisher.publish(nobody).await, Published::Returned);
    keep.has(10).await;
    vhost.management.delete_queue(&vhost.name, &in_queue());
    hub.is_down().await;
    hub.is_up().await;
    hub.stop().await;

    // Other tests of this program may count as well, if it runs them at the same time.
    let counted = |name: &str| {
        let text = metrics.render();
        let value = text.lines().find(|line| line.starts_with(name)).and_then(|line| line.rsplit(' ').next());
        value.map(str::parse::<f64>).and_then(Result::ok)
    };
    for (name, least) in [
        ("budstikke_broker_connects_total", 2.0),
        // Which one is a matter of what is noticed first: the consumer that ends, or what it was just saying.
        ("budstikke_broker_disconnects_total{reason=\"broker-", 1.0),
        ("budstikke_broker_published_total{result=\"confirmed\"}", 10.0),
        ("budstikke_broker_published_total{result=\"returned\"}", 1.0),
        ("budstikke_broker_consumed_total{queue=\"in.cura\"}", 10.0),
        ("budstikke_broker_acknowledged_total{queue=\"in.cura\"}", 10.0),
    ] {
        let enough = async || counted(name).filter(|count| *count >= least);
        let what = format!("{name} is at least {least} in:\n{}", metrics.render());
        wait::until(&what, enough).await;
    }
    assert!(!metrics.render().contains("0101014321"), "no label comes from a message");
}
