//! The adapter against messages that nobody here wrote: KOMBIT's public sample, in a folder that
//! `BUDSTIKKE_SAMPLES` names. It stays outside the project.

#[cfg(test)]
mod samples {
    use budstikke_beskedfordeler::Beskedfordeler;
    use budstikke_contract::adapter::{Adapter, ItemBody, Raw};
    use budstikke_testkit::conformance::{Input, breaches};
    use budstikke_testkit::fixtures::samples;
    use jiff::Timestamp;

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
        assert_eq!(breaches(&Beskedfordeler::default(), &inputs), []);
    }

    #[test]
    fn the_public_test_message_is_kept_as_what_it_is() {
        let Some(folder) = samples() else { return };
        let body = std::fs::read(folder.join("beskedfordeler-testbesked01.xml")).unwrap();
        let adapter = Beskedfordeler::default();
        let translated = adapter.translate(&Raw { body: &body, received: Timestamp::UNIX_EPOCH });
        let [item] = translated.items.as_slice() else { panic!("one item: {translated:?}") };
        assert!(matches!(&item.body, ItemBody::Record { what } if what == "TestbeskedType1"), "{item:?}");
        assert_eq!(
            item.key.as_deref(),
            Some("cf12c051-39ce-4066-ba11-704b46fa23c4/01157488-c45c-4fd2-b076-1de12effbf66")
        );
        let carried = String::from_utf8(adapter.carried(&body).unwrap()).unwrap();
        assert!(carried.starts_with("<test:Beskeddata"), "{}", carried.len());
        // The same message as an event of the register: a birth concerns nobody's open case.
        let text = String::from_utf8(body).unwrap();
        let of_cpr = text.replace("7654895c-a3f3-4c77-8afd-4c77330f963c", "248ce14c-a863-4fb5-9e6f-7df9ea850809");
        let born = adapter.translate(&Raw { body: of_cpr.as_bytes(), received: Timestamp::UNIX_EPOCH });
        assert!(matches!(&born.items[0].body, ItemBody::Record { what } if what == "CPR-hændelse Fødsel"));
        // And as a death: the number in `ObjektId` counts, and the day is the envelope's Danish one.
        let died = of_cpr.replace("1e5bb089-5445-44f8-9b65-bc854053f423", "298aa424-0a16-4a5a-956c-2bdab17fd11f");
        let died = died.replace("2204151234", "0505059996");
        let items = adapter.translate(&Raw { body: died.as_bytes(), received: Timestamp::UNIX_EPOCH }).items;
        let ItemBody::Event(draft) = &items[0].body else { panic!("no event: {items:?}") };
        assert_eq!((draft.kind.name(), draft.data["date"].as_str()), ("citizen.died", Some("2016-03-15")));
        assert_eq!(draft.time.to_string(), "2016-03-13T07:00:00Z");
        assert_eq!(draft.citizen.as_ref().unwrap().reveal(), "0505059996");
    }
}
