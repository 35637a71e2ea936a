//! The adapter against letters and schemas that nobody here wrote: MedCom's public samples, in a
//! folder that `BUDSTIKKE_SAMPLES` names. They stay outside the project, and so does what they say
//! about people: no assertion here shows more of a citizen than that the number reads as one.

#[cfg(test)]
mod samples {
    use std::path::Path;

    use base64::prelude::{BASE64_STANDARD, Engine};
    use budstikke_contract::adapter::{Adapter, Fate, Item, ItemBody, Raw, Reply, Translated};
    use budstikke_contract::person::Citizen;
    use budstikke_contract::reason::{Code, Reason};
    use budstikke_rehab_plan::RehabPlan;
    use budstikke_strict_xml::{Document, Limits};
    use budstikke_testkit::conformance::{Input, breaches};
    use budstikke_testkit::fixtures::samples;
    use budstikke_testkit::plans::{Encoding, Message, Plan, Vans};
    use budstikke_testkit::xsd::Schemas;
    use jiff::Timestamp;
    use serde_json::json;

    fn read(folder: &Path, name: &str) -> Vec<u8> {
        std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn translate(body: &[u8]) -> Translated {
        RehabPlan.translate(&Raw { body, received: at() })
    }

    fn at() -> Timestamp {
        "2026-11-20T10:45:00Z".parse().unwrap()
    }

    fn only(translated: &Translated) -> &Item {
        assert_eq!(translated.items.len(), 1);
        &translated.items[0]
    }

    fn code_of(translated: &Translated) -> &str {
        match &only(translated).body {
            ItemBody::Refused(reason) => reason.code.as_str(),
            ItemBody::Event(_) | ItemBody::Record { .. } => "not refused",
        }
    }

    #[test]
    fn every_sample_keeps_the_rules_of_the_suite() {
        let Some(folder) = samples() else { return };
        let mut bodies = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "xml") {
                bodies.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
        assert!(!bodies.is_empty());
        let inputs: Vec<_> = bodies.iter().map(|(name, body)| Input { name, body, secrets: &[] }).collect();
        assert_eq!(breaches(&RehabPlan, &inputs), []);
    }

    #[test]
    fn the_public_ggop_is_read_field_by_field() {
        let Some(folder) = samples() else { return };
        let translated = translate(&read(&folder, "ggop.xml"));
        assert_eq!(translated.transport.as_ref().unwrap().envelope, "5790001354145/54382645943294");
        let item = only(&translated);
        assert_eq!(item.key.as_deref(), Some("5790001354145/45249877239313"));
        let ItemBody::Event(draft) = &item.body else { panic!("no event: {item:?}") };
        assert_eq!(draft.kind.name(), "rehab.plan.received");
        assert_eq!(draft.source.as_str(), "/hospital/5790001354145");
        assert_eq!(draft.time.to_string(), "2015-03-04T08:26:00Z");
        assert_eq!(draft.residence.unwrap().to_string(), "461");
        assert!(matches!(draft.citizen, Some(Citizen::Cpr(_))));
        assert!(draft.data["citizen"]["cpr"].is_string() && draft.data["citizen"]["name"]["given"].is_string());
        assert!(draft.remarks.is_empty());
        for (member, value) in [
            (
                "letter",
                json!({"id": "45249877239313", "envelope": "54382645943294", "format": "GGOP100",
                    "statistical_code": "GGOP2"}),
            ),
            ("plan_type", json!("specialiseret")),
            (
                "receiver",
                json!({"gln": "5790000121441", "municipality": "461", "organisation": "Odense kommune",
                    "department": "Hjemmeplejen", "unit": "Æbleblomsten"}),
            ),
            ("contact_start", json!("2014-12-13")),
            ("discharge", json!({"date": "2014-12-20", "time": "13:45", "certainty": "expected"})),
            ("deadline_text", json!("Fri tekst")),
            (
                "diagnoses",
                json!([{"code": "DC189", "text": "Kræft i tyktarmen", "rank": "primary"},
                    {"code": "DS720", "text": "Fraktur af lårbenshals", "rank": "secondary"}]),
            ),
            ("informed_consent", json!(true)),
        ] {
            assert_eq!(draft.data[member], value, "{member}");
        }
        let sender = &draft.data["sender"];
        assert_eq!(sender["gln"], "5790001354145");
        assert_eq!(sender["identifier_code"], "sygehusafdelingsnummer");
        assert_eq!(sender["organisation"], "Odense Universitetshospital");
        assert_eq!(sender["signed_by"]["title"], "Terapeut");
        let points = draft.data["contact_points"].as_array().unwrap();
        assert_eq!(points.iter().map(|point| &point["for"]).collect::<Vec<_>>(), ["region", "kommune"]);
        assert_eq!(points[0]["gln"], "57001231231");
        assert_eq!(draft.data.get("episode_of_care"), None);
        assert_eq!(draft.data.get("text"), None);
    }

    #[test]
    fn other_kinds_are_refused_and_receipts_recorded() {
        let Some(folder) = samples() else { return };
        for correspondence in ["xdis91-1.xml", "xdis91-formatted-text.xml"] {
            assert_eq!(code_of(&translate(&read(&folder, correspondence))), "NOT_A_PLAN", "{correspondence}");
        }
        for (receipt, kind) in [("xctl02-negative-receipt.xml", "XCTL02"), ("xctl03-positive-receipt.xml", "XCTL03")] {
            let translated = translate(&read(&folder, receipt));
            assert!(matches!(&only(&translated).body, ItemBody::Record { what } if what == kind), "{receipt}");
            assert!(translated.answer.is_none());
        }
        let enveloped = translate(&read(&folder, "VANSEnvelope-XDIS22-message.xml"));
        assert_eq!(code_of(&enveloped), "KIND_NOT_CARRIED");
        let transport = enveloped.transport.unwrap();
        assert_eq!(transport.envelope, "068dadff-12bb-406d-8c86-083974dc0180");
        assert_eq!(transport.message.as_deref(), Some("068dadff-12bb-406d-8c86-083974dc0180"));
        assert_eq!(transport.content.len(), 6089);
        assert_eq!(code_of(&translate(&read(&folder, "beskedfordeler-testbesked01.xml"))), "KIND_NOT_CARRIED");
    }

    /// Every answer to everything that a hospital may send, with every fate.
    fn answers(folder: &Path) -> Vec<Reply> {
        let reason = |text: &str| Reason::new(Code::new("OUTSIDE_AGREEMENT"), text.repeat(60)).at("Emessage");
        let fates = [
            Fate::Held,
            Fate::Misaddressed(reason("Æ – \u{1F600} & <")),
            Fate::Refused(reason("Ukendt felt.")),
            Fate::Answered,
        ];
        let many = (0..120).fold(Message::new("K"), |message, n| message.plan(Plan::ggop(format!("B{n}"))));
        let long = Plan::correspondence("B".repeat(35)).receiver("9".repeat(50));
        let nameless = String::from_utf8(Message::new("NAVNLØS").plan(Plan::ggop("B")).bytes()).unwrap();
        let messages = [
            read(folder, "ggop.xml"),
            read(folder, "xdis91-formatted-text.xml"),
            read(folder, "VANSEnvelope-XDIS22-message.xml"),
            many.bytes(),
            many.vans(Vans::numbered(1)).bytes(),
            Message::new("K".repeat(60)).plan(long.clone()).bytes(),
            Message::new("æøå").plan(long).encoding(Encoding::Latin1).vans(Vans::numbered(2)).bytes(),
            nameless.replace("<m:Identifier>NAVNLØS</m:Identifier>", "").into_bytes(),
            nameless.replace("<Identifier>B</Identifier><VersionCode>GGOP100</VersionCode>", "").into_bytes(),
        ];
        let mut replies = Vec::new();
        for message in messages {
            let translated = translate(&message);
            let answer = translated.answer.expect("someone can be answered");
            for shift in 0..=fates.len() {
                let fate = |i: usize| fates[if shift == fates.len() { i % shift } else { shift }].clone();
                let fates: Vec<Fate> = (0..translated.items.len()).map(fate).collect();
                for reply in answer.replies(&fates, at()) {
                    let again = RehabPlan.repeat_reply(&reply.body, 2, at());
                    replies.push(Reply { body: again, ..reply.clone() });
                    replies.push(reply);
                }
            }
        }
        replies
    }

    #[test]
    fn every_answer_is_valid_by_the_public_schemas() {
        let Some(folder) = samples() else { return };
        let schemas = Schemas::of(&folder).unwrap();
        let (mut enveloped, mut emessages) = (Vec::new(), Vec::new());
        for reply in answers(&folder) {
            let document = Document::read(&reply.body, &Limits::default()).unwrap();
            match document.root().name() {
                "VANSEnvelope" => enveloped.push(reply.body.clone()),
                _ => emessages.push(reply.body.clone()),
            }
            let text = String::from_utf8_lossy(&reply.body);
            if let Some((_, data)) = text.split_once("<Data>") {
                emessages.push(BASE64_STANDARD.decode(data.split_once("</Data>").unwrap().0).unwrap());
            }
        }
        assert!(enveloped.len() > 20 && emessages.len() > 50, "{} {}", enveloped.len(), emessages.len());
        assert_eq!(schemas.faults_in_emessages(&emessages).unwrap(), None);
        assert_eq!(schemas.faults_in_envelopes(&enveloped).unwrap(), None);
        // The schemas do refuse something.
        let broken = String::from_utf8_lossy(&emessages[0]).replace("<VersionCode>XC0", "<VersionCode>XC9");
        assert!(schemas.faults_in_emessages(&[broken.into_bytes()]).unwrap().is_some());
    }
}
