//! What the look-up says of protection.

use super::*;

fn lives_protected(code: &str) -> Outcome {
    Lives { asked: at(NOW), municipality: MunicipalityCode::parse(code).unwrap(), protected: true }.outcome()
}

fn protected(desk: &mut Desk<'_, '_>, taken: &Taken) -> Result<Vec<bool>, Error> {
    Ok(desk.routed(taken)?.deliveries.iter().map(|it| it.delivery.why.protected).collect())
}

#[test]
fn that_the_look_up_says_protected_goes_with_all_that_is_told_of_the_citizen_from_then_on() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let first = desk.event(&wish_for_training("a", CASE, CPR))?;
        answer(desk, CPR, &lives_protected("155"))?;
        assert_eq!(protected(desk, &first)?, [true]);
        // In another case too, though the look-up says nothing of it then.
        let second = desk.event(&wish_for_training("b", &case(2), CPR))?;
        answer(desk, CPR, &lives("155"))?;
        assert_eq!(protected(desk, &second)?, [true]);
        let stranger = desk.event(&wish_for_training("c", &case(3), OTHER))?;
        answer(desk, OTHER, &lives("155"))?;
        assert_eq!(protected(desk, &stranger)?, [false]);
        Ok(())
    });
}

/// What the register tells of [`CPR`].
fn news(kind: &str, id: &str, mut data: Value) -> Value {
    data["citizen"] = json!({"cpr": CPR});
    let mut event = canonical(kind, id, "/kombit/beskedfordeler", "", data);
    event.as_object_mut().unwrap().remove("subject");
    event
}

#[test]
fn what_the_look_up_and_the_register_say_stands_in_its_order_and_nothing_of_it_is_lost() {
    on_a_ledger_in(&asking(Ask::ToKnow), |desk| {
        let over = json!({"protection": "navne-og-adressebeskyttelse", "from": "2019-01-01", "to": "2020-01-01"});
        desk.event(&news("citizen.protected", "over", over.clone()))?;
        let asked = desk.event(&wish_for_training("a", CASE, CPR))?;
        answer(desk, CPR, &lives_protected("461"))?;
        assert_eq!(stands(desk, &asked)?.1, "OUTSIDE_AGREEMENT", "so that the next event is the register's");
        desk.event(&news("citizen.died", "died", json!({"date": "2026-11-20"})))?;
        let mut said = wish_for_training("b", &case(2), CPR);
        said["residence"] = json!("155");
        let taken = desk.event(&said)?;
        assert_eq!(protected(desk, &taken)?, [true], "the look-up spoke last of it");
        let known = desk.routed(&taken)?.decision.known;
        let told: Vec<_> = known["register"].as_array().unwrap().iter().map(|it| it["what"].clone()).collect();
        assert_eq!(told, ["protected", "protected", "died"]);

        desk.event(&news("citizen.protected", "over-again", over))?;
        said["id"] = json!("c");
        let taken = desk.event(&said)?;
        assert_eq!(protected(desk, &taken)?, [false], "and now the register did");
        Ok(())
    });
}
