//! What RabbitMQ's management interface answers, read; pure.

use budstikke_contract::person::printable;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// A cluster has few nodes; so many are shown.
const NODES: usize = 32;

/// So many queues are named that a policy changes.
const SHADOWED: usize = 32;

/// So long may a name be that is shown.
const NAME: usize = 100;

/// What of a policy loses or holds back messages that our queues' own arguments would keep. Such an
/// argument that we give stands over a policy; but what we do not give, it adds, and of a length, a
/// life or a delivery limit the lesser counts where an operator's policy names it.
const DANGEROUS: [&str; 6] = ["message-ttl", "expires", "max-length", "max-length-bytes", "delivery-limit", "overflow"];

/// The broker's nodes and queues, as they were seen.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Cluster {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// Our queues that a policy changes.
    pub shadowed: Vec<Shadowed>,
    /// Since when a node is not as it should be.
    pub ill_since: Option<Timestamp>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Whether it runs.
    pub running: bool,
    /// How many others it is cut off from.
    pub partitions: usize,
    /// Whether it is short of memory.
    pub memory_alarm: bool,
    /// Whether it is short of disk.
    pub disk_alarm: bool,
    /// What is free on its disk, in bytes; a node that does not run does not say.
    pub disk_free: Option<u64>,
    /// Below what it takes nothing more.
    pub disk_limit: Option<u64>,
}

impl Node {
    /// Whether somebody must look after it.
    pub fn is_ill(&self) -> bool {
        !self.running || self.partitions > 0 || self.memory_alarm || self.disk_alarm
    }
}

/// A queue of ours that a policy changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shadowed {
    /// The queue.
    pub queue: String,
    /// The policy.
    pub policy: String,
    /// What it says: `message-ttl`.
    pub what: Vec<&'static str>,
}

/// A name of somebody else's, as it may be shown.
fn name(value: Option<&Value>) -> Option<String> {
    let text: String = value?.as_str()?.chars().filter(|c| !c.is_control()).take(NAME).collect();
    (!text.is_empty()).then(|| printable(&text).to_owned())
}

impl Cluster {
    /// Reads both answers. `None` where they are not RabbitMQ's: to show half of it as all would be
    /// to say that all is well.
    pub(super) fn read(nodes: &Value, queues: &Value) -> Option<Self> {
        let nodes: Vec<Node> = nodes.as_array()?.iter().take(NODES).map(node).collect::<Option<_>>()?;
        if nodes.is_empty() {
            return None;
        }
        let shadowed = queues.as_array()?.iter().filter_map(shadowed).take(SHADOWED).collect();
        Some(Self { nodes, shadowed, ill_since: None })
    }

    /// Says since when a node is not as it should be: an illness has one beginning, however often it is seen.
    pub(super) fn following(self, ill_since: Option<Timestamp>, now: Timestamp) -> Self {
        let is_ill = self.nodes.iter().any(Node::is_ill);
        Self { ill_since: is_ill.then(|| ill_since.unwrap_or(now)), ..self }
    }
}

fn node(value: &Value) -> Option<Node> {
    let flag = |key: &str| value.get(key).and_then(Value::as_bool);
    let bytes = |key: &str| value.get(key).and_then(Value::as_u64);
    let running = flag("running")?;
    // A node that runs and does not say whether it is short of something is no node of RabbitMQ's.
    let alarm = |key: &str| flag(key).or((!running).then_some(false));
    Some(Node {
        name: name(value.get("name"))?,
        running,
        partitions: value.get("partitions").and_then(Value::as_array).map_or(0, Vec::len),
        memory_alarm: alarm("mem_alarm")?,
        disk_alarm: alarm("disk_free_alarm")?,
        disk_free: bytes("disk_free"),
        disk_limit: bytes("disk_free_limit"),
    })
}

/// Whether a queue is one of ours and a policy changes it.
fn shadowed(value: &Value) -> Option<Shadowed> {
    let queue = name(value.get("name"))?;
    let ours = ["in.", "out.", "budstikke."].iter().any(|begin| queue.starts_with(begin));
    let effective = value.get("effective_policy_definition").and_then(Value::as_object).filter(|_| ours)?;
    let what: Vec<&'static str> = DANGEROUS.into_iter().filter(|key| effective.contains_key(*key)).collect();
    let policy = name(value.get("operator_policy")).or_else(|| name(value.get("policy"))).unwrap_or_default();
    (!what.is_empty()).then_some(Shadowed { queue, policy, what })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn nodes() -> Value {
        json!([
            { "name": "rabbit@a", "running": true, "partitions": [], "mem_alarm": false, "disk_free_alarm": true,
              "disk_free": 50_000_000, "disk_free_limit": 60_000_000 },
            { "name": "rabbit@b", "running": false },
        ])
    }

    #[test]
    fn what_rabbitmq_says_is_read() {
        let queues = json!([
            { "name": "in.cura", "policy": "short", "effective_policy_definition": { "message-ttl": 0, "ha-mode": "all" } },
            { "name": "out.dragoer.ydelse", "effective_policy_definition": { "queue-master-locator": "x" } },
            { "name": "out.vans", "effective_policy_definition": [] },
            { "name": "somebody.elses", "policy": "short", "effective_policy_definition": { "message-ttl": 0 } },
        ]);
        let cluster = Cluster::read(&nodes(), &queues).unwrap();
        assert!(cluster.nodes[0].disk_alarm && cluster.nodes[0].disk_free == Some(50_000_000));
        assert!(!cluster.nodes[1].running && cluster.nodes[1].disk_free.is_none());
        let shadowed = Shadowed { queue: "in.cura".to_owned(), policy: "short".to_owned(), what: vec!["message-ttl"] };
        assert_eq!(cluster.shadowed, [shadowed]);
    }

    #[test]
    fn half_an_answer_is_none() {
        for nodes in [
            json!([]),
            json!({}),
            json!(null),
            json!([{ "name": "rabbit@a" }]),
            json!([{ "name": "rabbit@a", "running": "yes" }]),
            json!([{ "name": "rabbit@a", "running": true }]),
            json!([{ "name": "", "running": false }]),
            json!([{ "running": false }]),
            json!([nodes()[0], 7]),
        ] {
            assert_eq!(Cluster::read(&nodes, &json!([])), None, "{nodes}");
        }
        assert_eq!(Cluster::read(&nodes(), &json!({ "error": "x" })), None);
    }

    #[test]
    fn names_are_cut_and_say_nothing_of_a_person() {
        let named = |name: &str| {
            let nodes = json!([{ "name": name, "running": false }]);
            Cluster::read(&nodes, &json!([])).unwrap().nodes[0].name.clone()
        };
        assert_eq!(named("a\u{1b}[31m\nb"), "a[31mb");
        assert_eq!(named(&"x".repeat(1000)).len(), NAME);
        assert_eq!(named("rabbit@0101900000"), "(masked)");
    }

    #[test]
    fn an_illness_has_one_beginning() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let ill = || Cluster::read(&nodes(), &json!([])).unwrap();
        let first = ill().following(None, at(1));
        let then = ill().following(first.ill_since, at(2));
        assert_eq!((first.ill_since, then.ill_since), (Some(at(1)), Some(at(1))));
        let well = Cluster::default().following(then.ill_since, at(3));
        assert_eq!(ill().following(well.ill_since, at(4)).ill_since, Some(at(4)));
    }

    proptest! {
        #[test]
        fn there_are_never_more_than_are_shown(nodes in 1..200_usize, queues in 0..200_usize) {
            let nodes = Value::Array(vec![json!({ "name": "n", "running": false }); nodes]);
            let queue = json!({ "name": "in.x", "effective_policy_definition": { "expires": 1 } });
            let cluster = Cluster::read(&nodes, &Value::Array(vec![queue; queues])).unwrap();
            prop_assert!(cluster.nodes.len() <= NODES && cluster.shadowed.len() <= SHADOWED);
        }
    }
}
