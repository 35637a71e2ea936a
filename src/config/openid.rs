//! `[console.openid]`: whose sign-in is taken for ours. Where the section is not there, nobody's is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::read::Reader;
use super::value::{self, Expected};
use super::{Fault, web};
use crate::agreement::model::{Mailbox, MailboxId};
use crate::console::{OpenId, Role};
use crate::web::token::Access;
use crate::web::{Settings, Url};

/// Where it is.
const SECTION: &str = "console.openid";

/// How long the provider may take: somebody waits.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);

impl Reader {
    /// The inner `None` where nobody's is taken.
    #[expect(clippy::option_option, reason = "not set and wrong are different things")]
    pub(super) fn openid(&mut self) -> Option<Option<OpenId>> {
        if self.tree().get("console").and_then(|console| console.get("openid")).is_none() {
            return Some(None);
        }
        let key = |name: &str| format!("{SECTION}.{name}");
        let text = |value: &Value| value::text(value).map(Some);
        let issuer = self.value(&key("issuer"), |value| issuer(value).map(Some), None);
        let (client_id, secret_file) =
            (self.value(&key("client_id"), text, None), self.path(&key("client_secret_file")));
        let name = self.value(&key("name"), value::text, "kommunens login".to_owned());
        let scopes = self.value(&key("scopes"), value::texts, vec!["profile".to_owned()]);
        let roles_claim = self.value(&key("roles_claim"), value::text, "groups".to_owned());
        let groups = self.value(&key("roles"), groups, BTreeMap::new());
        let timeout = self.value(&key("timeout"), value::duration, ANSWER);
        let (tls, reach) = (self.tls(SECTION), self.reach(SECTION));
        let (issuer, client_id, secret_file, groups) = (issuer?, client_id?, secret_file?, groups?);
        let Some((issuer, url)) = issuer else { return self.fault(&key("issuer"), MISSING) };
        let Some(client_id) = client_id else { return self.fault(&key("client_id"), MISSING) };
        let Some(secret_file) = secret_file else { return self.fault(&key("client_secret_file"), MISSING) };
        if groups.is_empty() {
            let what = "is missing: say which group may what, as in \"budstikke-drift\" = [\"operator\"]";
            return self.fault(&key("roles"), what);
        }
        let reach = reach?;
        self.can_be_reached(&key("issuer"), &reach, &url)?;
        let web = Settings { url, tls: tls?, access: Access::Open, reach, connect_timeout: CONNECT, timeout: timeout? };
        let (scopes, name, roles_claim) = (scopes?, name?, roles_claim?);
        Some(Some(OpenId { web, issuer, client_id, secret_file, scopes, name, roles_claim, groups }))
    }
}

/// Where a group gets a role in what no agreement knows.
pub fn differ(set: Option<&OpenId>, agreed: &BTreeMap<MailboxId, Mailbox>) -> Vec<Fault> {
    let is_there = |role: &Role| match role {
        Role::Caseworker(mailbox) => agreed.contains_key(mailbox),
        Role::Leader(party) => agreed.keys().any(|mailbox| mailbox.party() == party.as_str()),
        Role::Operator | Role::Postmaster | Role::Auditor | Role::Administrator | Role::Sender(_) => true,
    };
    let given = set.into_iter().flat_map(|set| &set.groups).flat_map(|(_, roles)| roles);
    let fault = |role: &Role| Fault {
        place: format!("`{SECTION}.roles`"),
        what: format!("has `{role}`, and no agreement knows that mailbox or party"),
    };
    given.filter(|role| !is_there(role)).map(fault).collect()
}

const MISSING: &str =
    "is missing: the provider knows us by `client_id` and `client_secret_file`, and we it by `issuer`";

/// As the provider writes it: nothing may be added or left out.
fn issuer(value: &Value) -> Result<(String, Url), Expected> {
    let url = web::url(value)?;
    Ok((value::text(value)?, url))
}

fn groups(value: &Value) -> Result<BTreeMap<String, BTreeSet<Role>>, Expected> {
    const EXPECTED: Expected = "the roles of each group, as in \"budstikke-drift\" = [\"operator\"]: `operator`, \
         `caseworker:PARTY/TEAM`, `postmaster`, `leader:PARTY`, `auditor` or `administrator`";
    // A person sends no events for a source.
    let role = |text: &String| Role::parse(text).filter(|role| !matches!(role, Role::Sender(_))).ok_or(EXPECTED);
    let of = |(group, roles): (&String, &Value)| {
        let roles = value::texts(roles).map_err(|_other| EXPECTED)?;
        let roles = roles.iter().map(role).collect::<Result<BTreeSet<_>, _>>()?;
        Ok((group.clone(), roles))
    };
    value.as_object().ok_or(EXPECTED)?.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::with;
    use super::*;

    const WHOLE: &str = "[console.openid]\nissuer = \"https://login.dragoer.example/realms/kommune\"\n\
         client_id = \"budstikke\"\nclient_secret_file = \"secret\"\n";
    const ROLES: &str = "[console.openid.roles]\n\"Budstikke drift\" = [\"operator\"]\n\
         ydelse = [\"caseworker:dragoer/ydelse\", \"leader:dragoer\"]\n";

    #[test]
    fn a_section_says_whose_word_is_taken_and_what_it_is_worth() {
        assert_eq!(with("", &[]).unwrap().console.set_up.openid, None);
        let text = format!("[console]\nlocal = false\n{WHOLE}roles_claim = \"roles\"\nname = \"Dragør\"\n{ROLES}");
        let set_up = with(&text, &[]).unwrap().console.set_up;
        let openid = set_up.openid.unwrap();
        assert!(!set_up.local);
        assert_eq!(openid.issuer, "https://login.dragoer.example/realms/kommune");
        assert_eq!((openid.roles_claim.as_str(), openid.name.as_str()), ("roles", "Dragør"));
        assert_eq!(openid.scopes, ["profile"]);
        assert_eq!(openid.groups["Budstikke drift"], BTreeSet::from([Role::Operator]));
        assert_eq!(openid.groups["ydelse"].len(), 2);
    }

    #[test]
    fn a_role_in_what_is_not_there_is_a_fault() {
        let set = with(&format!("{WHOLE}{ROLES}"), &[]).unwrap().console.set_up.openid;
        let faults = differ(set.as_ref(), &BTreeMap::new());
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("caseworker:dragoer/ydelse") && said[1].contains("leader:dragoer"), "{said:?}");
        assert!(differ(None, &BTreeMap::new()).is_empty());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, key) in [
            ("[console.openid]\nname = \"x\"".to_owned(), "console.openid.issuer"),
            (WHOLE.to_owned(), "console.openid.roles"),
            (format!("{WHOLE}{}", ROLES.replace("operator", "root")), "console.openid.roles"),
            (format!("{WHOLE}{}", ROLES.replace("operator", "sender:cura")), "console.openid.roles"),
            (format!("{WHOLE}{}", ROLES.replace("[\"operator\"]", "7")), "console.openid.roles"),
            (format!("{}{ROLES}", WHOLE.replace("https", "http")), "console.openid.issuer"),
            (format!("{}{ROLES}", WHOLE.replace("login.dragoer.example", "10.0.0.1")), "console.openid.issuer"),
            (format!("{WHOLE}issuers = \"x\"\n{ROLES}"), "console.openid.issuers"),
            (format!("{WHOLE}scopes = 7\n{ROLES}"), "console.openid.scopes"),
        ] {
            let faults = with(&text, &[]).unwrap_err();
            assert!(faults.iter().any(|fault| fault.contains(&format!("`{key}`"))), "{text}: {faults:?}");
        }
    }
}
