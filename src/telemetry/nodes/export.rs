//! What is seen of the nodes, as metrics. A gauge stays as it was last set: what is not seen any more is
//! exported as no number (`NaN`), for else a node that nobody can see would look as it last did.

use std::collections::BTreeSet;

use super::{Cluster, Node};

/// So many names of nodes are exported, however often what is asked makes up new ones.
const NAMES: usize = 256;

/// The nodes that were exported once.
#[derive(Debug, Default)]
pub(super) struct Exported(BTreeSet<String>);

impl Exported {
    /// Exports what was seen; `None` where there was no answer.
    #[expect(clippy::cast_precision_loss, reason = "queues are shown, not reckoned with")]
    pub(super) fn show(&mut self, seen: Option<&Cluster>) {
        metrics::gauge!("budstikke_management_answers").set(flag(seen.is_some()));
        let nodes = seen.map_or(&[][..], |cluster| &cluster.nodes);
        for node in nodes {
            if self.0.len() < NAMES {
                self.0.insert(node.name.clone());
            }
        }
        for name in &self.0 {
            export(name, nodes.iter().find(|node| node.name == *name));
        }
        let shadowed = seen.map(|cluster| cluster.shadowed.len() as f64);
        // Where nothing was ever seen there is nothing that could look good.
        if seen.is_some() || !self.0.is_empty() {
            metrics::gauge!("budstikke_queues_shadowed").set(shadowed.unwrap_or(f64::NAN));
        }
    }
}

fn flag(on: bool) -> f64 {
    if on { 1.0 } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "bytes are shown, not reckoned with")]
fn export(name: &str, node: Option<&Node>) {
    let number = |of: fn(&Node) -> f64| node.map_or(f64::NAN, of);
    let name = || name.to_owned();
    metrics::gauge!("budstikke_node_running", "node" => name()).set(number(|node| flag(node.running)));
    metrics::gauge!("budstikke_node_partitions", "node" => name()).set(number(|node| node.partitions as f64));
    let alarms = [("memory", number(|node| flag(node.memory_alarm))), ("disk", number(|node| flag(node.disk_alarm)))];
    for (kind, alarm) in alarms {
        metrics::gauge!("budstikke_node_alarm", "node" => name(), "kind" => kind).set(alarm);
    }
    // A node that does not run does not say.
    let free = number(|node| node.disk_free.map_or(f64::NAN, |free| free as f64));
    metrics::gauge!("budstikke_node_disk_free_bytes", "node" => name()).set(free);
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    fn node(name: &str) -> Node {
        Node {
            name: name.to_owned(),
            running: true,
            partitions: 0,
            memory_alarm: false,
            disk_alarm: false,
            disk_free: Some(7),
            disk_limit: None,
        }
    }

    /// What is exported after all of this was seen, one after the other.
    fn exported(seen: &[Option<Cluster>]) -> Vec<String> {
        let recorder = PrometheusBuilder::new().build_recorder();
        let mut exported = Exported::default();
        metrics::with_local_recorder(&recorder, || seen.iter().for_each(|seen| exported.show(seen.as_ref())));
        let text = recorder.handle().render();
        let mut lines: Vec<String> =
            text.lines().filter(|line| line.starts_with("budstikke_")).map(str::to_owned).collect();
        lines.sort();
        lines
    }

    fn of(nodes: &[Node]) -> Cluster {
        Cluster { nodes: nodes.to_vec(), ..Cluster::default() }
    }

    #[test]
    fn what_is_not_seen_any_more_is_no_number() {
        let seen = exported(&[Some(of(&[node("a")]))]);
        assert!(seen.contains(&"budstikke_node_running{node=\"a\"} 1".to_owned()), "{seen:#?}");
        let all = [
            "budstikke_management_answers 0",
            "budstikke_node_alarm{node=\"a\",kind=\"disk\"} NaN",
            "budstikke_node_alarm{node=\"a\",kind=\"memory\"} NaN",
            "budstikke_node_disk_free_bytes{node=\"a\"} NaN",
            "budstikke_node_partitions{node=\"a\"} NaN",
            "budstikke_node_running{node=\"a\"} NaN",
            "budstikke_queues_shadowed NaN",
        ];
        assert_eq!(exported(&[Some(of(&[node("a")])), None]), all);
        assert_eq!(
            exported(&[Some(of(&[node("a")])), None, Some(of(&[node("a")]))]),
            seen,
            "and then it is seen again"
        );
        assert_eq!(exported(&[None]), ["budstikke_management_answers 0"]);
    }

    #[test]
    fn a_node_that_is_gone_or_down_is_not_shown_as_it_was() {
        let down = Node { running: false, disk_free: None, ..node("b") };
        let lines = exported(&[Some(of(&[node("a"), node("b")])), Some(of(&[down]))]);
        for line in [
            "budstikke_management_answers 1",
            "budstikke_node_running{node=\"a\"} NaN",
            "budstikke_node_running{node=\"b\"} 0",
            "budstikke_node_disk_free_bytes{node=\"b\"} NaN",
            "budstikke_queues_shadowed 0",
        ] {
            assert!(lines.contains(&line.to_owned()), "{line}: {lines:#?}");
        }
    }

    #[test]
    fn there_are_never_more_names_than_are_exported() {
        let renamed: Vec<Option<Cluster>> =
            (0..NAMES * 2).map(|number| Some(of(&[node(&number.to_string())]))).collect();
        let running = exported(&renamed).into_iter().filter(|line| line.starts_with("budstikke_node_running"));
        assert_eq!(running.count(), NAMES);
    }
}
