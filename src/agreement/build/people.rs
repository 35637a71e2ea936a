//! Who is in the agreement: parties, those outside it, their mailboxes; and what it rests on.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::municipality::MunicipalityCode;
use toml::Spanned;

use super::super::fault::Kind;
use super::super::model::{Agreement, Body, Channel, Mailbox, MailboxId, Party, PartyId};
use super::Parsed;
use super::read::Reader;

/// Words that mean a role in rules, and so cannot name a party.
const TAKEN: [&str; 9] =
    ["bopael", "udfoerer", "den-anden", "modparten", "spoerger", "enhver", "ingen", "budstikke", "console"];

pub(super) fn parties(files: &[&Parsed], reader: &mut Reader) -> Vec<Party> {
    let mut parties: Vec<Party> = Vec::new();
    for at in files {
        for written in &at.file.parties {
            let Some(id) = reader.name(at, &written.id) else { continue };
            let code = MunicipalityCode::parse(written.municipality.get_ref());
            let Some(municipality) = code else {
                let what = format!("`{}` er ikke et kommunenummer", written.municipality.get_ref());
                reader.fault(at, &written.municipality, Kind::Form, what, "Tre cifre i anførselstegn: \"155\".");
                continue;
            };
            let cvr = written.cvr.get_ref();
            if cvr.len() != 8 || !cvr.bytes().all(|b| b.is_ascii_digit()) {
                reader.fault(
                    at,
                    &written.cvr,
                    Kind::Form,
                    format!("`{cvr}` er ikke et CVR-nummer"),
                    "Otte cifre i anførselstegn.",
                );
            }
            let clash = parties.iter().any(|party| party.id.as_str() == id || party.municipality == municipality);
            if clash || TAKEN.contains(&id.as_str()) {
                let what = format!("parten `{id}` eller dens kommunenummer er brugt før, eller navnet er en rolle");
                reader.fault(at, &written.id, Kind::Name, what, "Giv hver part sit eget navn og kommunenummer.");
                continue;
            }
            let Some(id) = PartyId::parse(&id) else { continue };
            parties.push(Party { id, name: written.name.clone(), municipality });
        }
    }
    parties
}

pub(super) fn outsiders(files: &[&Parsed], reader: &mut Reader) -> BTreeSet<String> {
    let mut outsiders = BTreeSet::new();
    for at in files {
        for written in &at.file.outsiders {
            let Some(id) = reader.name(at, &written.id) else { continue };
            let is_party = files.iter().flat_map(|file| &file.file.parties).any(|party| *party.id.get_ref() == id);
            if is_party || TAKEN.contains(&id.as_str()) || written.name.is_empty() {
                let what = format!("`{id}` er en part eller en rolle, eller mangler et navn for mennesker");
                reader.fault(at, &written.id, Kind::Name, what, "En udenforstående skal have sit eget navn.");
            }
            outsiders.insert(id);
        }
    }
    outsiders
}

pub(super) fn documents(files: &[&Parsed], reader: &mut Reader) -> BTreeMap<String, String> {
    let written = files.iter().flat_map(|at| at.file.documents.iter().map(move |it| (*at, &it.id, &it.title)));
    titled(written, "dokumentet", reader)
}

pub(super) fn laws(files: &[&Parsed], reader: &mut Reader) -> BTreeMap<String, String> {
    let written = files.iter().flat_map(|at| at.file.laws.iter().map(move |it| (*at, &it.short, &it.title)));
    titled(written, "loven", reader)
}

fn titled<'a>(
    written: impl Iterator<Item = (&'a Parsed, &'a Spanned<String>, &'a String)>,
    what: &str,
    reader: &mut Reader,
) -> BTreeMap<String, String> {
    let mut titles = BTreeMap::new();
    for (at, id, title) in written {
        let unusable = id.get_ref().is_empty() || id.get_ref().contains(char::is_whitespace);
        if unusable || titles.insert(id.get_ref().clone(), title.clone()).is_some() {
            let what = format!("{what} `{}` er nævnt to gange, eller har et navn med mellemrum", id.get_ref());
            reader.fault(at, id, Kind::Name, what, "Nævn hver én gang, med et kort navn.");
        }
    }
    titles
}

pub(super) fn mailboxes(files: &[&Parsed], agreement: &Agreement, reader: &mut Reader) -> BTreeMap<MailboxId, Mailbox> {
    let mut mailboxes = BTreeMap::new();
    for at in files {
        for written in &at.file.mailboxes {
            let text = written.id.get_ref();
            let known_party = |id: &MailboxId| agreement.party(id.party()).is_some();
            let Some(id) = MailboxId::parse(text).filter(known_party) else {
                let what = format!("`{text}` er ikke en postkasse hos en af parterne");
                reader.fault(at, &written.id, Kind::Name, what, "Skriv part og hold: \"dragoer/genoptraening\".");
                continue;
            };
            let channels = channels(at, &written.channels, reader);
            let body = written.body.as_ref().map_or(Some(Body::Event), |body| body_of(at, body, reader));
            let (Some(body), false) = (body, channels.is_empty()) else { continue };
            let mailbox = Mailbox { id: id.clone(), name: written.name.clone(), channels, body };
            if mailboxes.insert(id, mailbox).is_some() {
                reader.fault(
                    at,
                    &written.id,
                    Kind::Name,
                    format!("postkassen `{text}` er nævnt to gange"),
                    "Slet den ene.",
                );
            }
        }
    }
    mailboxes
}

fn channels(at: &Parsed, written: &Spanned<Vec<String>>, reader: &mut Reader) -> Vec<Channel> {
    let mut channels = Vec::new();
    for name in written.get_ref() {
        match Channel::named(name) {
            Some(channel) if !channels.contains(&channel) => channels.push(channel),
            _ => {
                let known: Vec<&str> = Channel::ALL.into_iter().map(Channel::name).collect();
                let what = format!("kanalen `{name}` findes ikke eller er nævnt to gange");
                reader.fault(at, written, Kind::Name, what, format!("Kanalerne er: {}.", known.join(", ")));
            }
        }
    }
    if written.get_ref().is_empty() {
        let fix = "En postkasse uden kanal kan intet modtage; nævn mindst én.";
        reader.fault(at, written, Kind::Form, "postkassen har ingen kanal".to_owned(), fix);
    }
    channels
}

fn body_of(at: &Parsed, written: &Spanned<String>, reader: &mut Reader) -> Option<Body> {
    let body = Body::named(written.get_ref());
    if body.is_none() {
        let known: Vec<&str> = Body::ALL.into_iter().map(Body::name).collect();
        let what = format!("`{}` er ikke et indhold", written.get_ref());
        reader.fault(at, written, Kind::Form, what, format!("Skriv en af: {}.", known.join(", ")));
    }
    body
}
