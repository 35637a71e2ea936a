//! What every resource has: its name, its version, its profile, its time, and who sends it.

use budstikke_contract::event::{SourcePath, WireId};
use budstikke_contract::id::CaseKey;
use budstikke_contract::reason::Reason;
use jiff::Timestamp;

use crate::around::kind;
use crate::civil;
use crate::node::Node;
use crate::refusal;

/// What CURA's profiles begin with.
const PROFILES: &str = "http://curafhir.dk/p/";

/// The system of the tag that says which party speaks, where that is not the one whose CURA it is:
/// Dragør's negotiator works in Tårnby's.
const PARTY: &str = "urn:budstikke:cura:v1:party";

/// The systems of the identifiers by which a resource names what the hub knows.
const CASE: &str = "urn:budstikke:sag";
const EVENT: &str = "urn:budstikke:haendelse";
const CORRELATION: &str = "urn:budstikke:korrelation";

/// The profiles that are carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Grant,
    Plan,
    Care,
    SimpleTask,
    RequestTask,
}

impl Profile {
    const ALL: [(&'static str, &'static str, Self); 5] = [
        ("ProcedureRequest", "CuraGrantedProcedureRequest", Self::Grant),
        ("Communication", "CuraRehabilitationPlan", Self::Plan),
        ("Communication", "MedcomCareCommunication", Self::Care),
        ("Basic", "CuraSimpleTask", Self::SimpleTask),
        ("Basic", "CuraRequestTask", Self::RequestTask),
    ];

    /// Its name in CURA's addresses.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, _, it)| *it == self).map_or("", |(_, name, _)| name)
    }

    /// The one profile of a resource. It may carry a version (`|2.1`), which is not looked at.
    fn of(node: &Node<'_>, meta: &Node<'_>) -> Result<Self, Reason> {
        let resource = kind(node).unwrap_or_default();
        let named = meta.texts("profile")?;
        let known = |url: &&str| {
            let name = url.strip_prefix(PROFILES)?.split('|').next()?;
            Self::ALL.iter().find(|(kind, it, _)| *kind == resource && *it == name).map(|(_, _, it)| *it)
        };
        let mut found: Vec<Self> = named.iter().filter_map(known).collect();
        found.dedup();
        match found.as_slice() {
            [only] => Ok(*only),
            [] if named.is_empty() => Err(refusal::missing(meta.at("profile"), "ressourcens profil")),
            [] => Err(refusal::not_carried(meta.at("profile"))),
            _ => Err(refusal::repeated(meta.at("profile"), "ressourcens profil")),
        }
    }
}

/// A resource that may become an event.
#[derive(Debug)]
pub(crate) struct Resource<'v> {
    pub(crate) node: Node<'v>,
    pub(crate) profile: Profile,
    /// `ProcedureRequest`.
    pub(crate) kind: &'v str,
    pub(crate) id: &'v str,
    /// `meta.versionId`, else `meta.lastUpdated`.
    pub(crate) version: &'v str,
    /// When that version was made.
    pub(crate) updated: Timestamp,
    pub(crate) source: SourcePath,
    /// The party whose CURA it is: its ids are that one's, whoever speaks.
    pub(crate) owner: &'static str,
    /// What the hub calls its case, where the sender knows.
    pub(crate) case: Option<CaseKey>,
    /// The event that it answers.
    pub(crate) causation: Option<WireId>,
    pub(crate) correlation: Option<WireId>,
}

impl<'v> Resource<'v> {
    /// Reads what every resource has. `owner` is the party whose CURA feeds the queue.
    pub(crate) fn read(node: Node<'v>, owner: &'static str) -> Result<Self, Reason> {
        let Some(kind) = kind(&node) else { return Err(refusal::no_resource(node.path())) };
        if !Profile::ALL.iter().any(|(known, _, _)| *known == kind) {
            return Err(refusal::not_carried(node.at("resourceType")));
        }
        let Some(meta) = node.node("meta")? else { return Err(refusal::missing(node.at("meta"), "meta")) };
        let profile = Profile::of(&node, &meta)?;
        let id = node.text("id")?.ok_or_else(|| refusal::missing(node.at("id"), "ressourcens id"))?;
        if !is_id(id) {
            return Err(refusal::invalid(
                node.at("id"),
                "ressourcens id",
                "1-64 bogstaver, tal, bindestreger og punktummer",
            ));
        }
        let updated_path = meta.at("lastUpdated");
        let updated_text =
            meta.text("lastUpdated")?.ok_or_else(|| refusal::missing(updated_path.as_str(), "tidspunktet"))?;
        let updated = civil::instant(updated_text)
            .ok_or_else(|| refusal::invalid(updated_path, "tidspunktet", "et tidspunkt med tidszone"))?;
        let version = meta.text("versionId")?.unwrap_or(updated_text);
        let source = source(&meta, owner)?;
        let wire_id = |system| {
            let name = "hændelsens id";
            named(&node, system, name, WireId::parse, "1-128 synlige ASCII-tegn uden noget, der ligner et CPR-nummer")
        };
        let causation = wire_id(EVENT)?;
        let correlation = wire_id(CORRELATION)?;
        let case = named(&node, CASE, "sagsnøglen", CaseKey::parse, "nøglen fra budstikkens hændelser")?;
        Ok(Self { node, profile, kind, id, version, updated, source, owner, case, causation, correlation })
    }

    /// What its source calls this version of it.
    pub(crate) fn key(&self) -> String {
        format!("{} {}/{}/{}", self.source, self.kind, self.id, self.version)
    }

    /// What its source calls it, whatever its version: of something that is said once.
    pub(crate) fn key_once(&self) -> String {
        format!("{} {}/{}", self.source, self.kind, self.id)
    }

    /// What an earlier event of this CURA about a resource can be known by, whoever spoke.
    pub(crate) fn mark(&self, kind: &str, id: &str) -> String {
        format!("cura {} {kind}/{id}", self.owner)
    }

    /// The address of an extension of its profile: `http://curafhir.dk/x/CuraSimpleTask/type`.
    pub(crate) fn own(&self, name: &str) -> String {
        format!("http://curafhir.dk/x/{}/{name}", self.profile.name())
    }
}

/// FHIR's rule for ids.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
}

/// Who speaks: the tag says so, else the party whose CURA it is.
fn source(meta: &Node<'_>, owner: &str) -> Result<SourcePath, Reason> {
    let mut party = owner;
    let mut path = meta.at("tag");
    for tag in meta.list("tag")? {
        if tag.text("system")? == Some(PARTY) {
            path = tag.at("code");
            party = tag.text("code")?.ok_or_else(|| refusal::missing(path.as_str(), "partens navn"))?;
        }
    }
    let simple = party.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let source = SourcePath::parse(&format!("/{party}/cura")).filter(|_| simple);
    source.ok_or_else(|| refusal::invalid(path, "partens navn", "det, aftalen bruger (dragoer, taarnby)"))
}

/// What the identifier of that system names.
fn named<T>(
    node: &Node<'_>,
    system: &str,
    what: &str,
    parse: impl Fn(&str) -> Option<T>,
    expected: &str,
) -> Result<Option<T>, Reason> {
    let mut found = None;
    for identifier in node.list("identifier")? {
        if identifier.text("system")? != Some(system) {
            continue;
        }
        let path = identifier.at("value");
        let value = identifier.text("value")?.ok_or_else(|| refusal::missing(path.as_str(), what))?;
        if found.is_some() {
            return Err(refusal::repeated(path, what));
        }
        found = Some(parse(value).ok_or_else(|| refusal::invalid(path, what, expected))?);
    }
    Ok(found)
}
