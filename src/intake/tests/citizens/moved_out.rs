//! Citizens who have moved out of both municipalities.

use super::*;

#[test]
fn what_was_asked_before_the_move_is_answered_after_it_and_the_rest_waits_for_a_person() {
    for cause in [Some("q-1"), None] {
        on_a_ledger(|desk| {
            let plan = desk.plan(plan())?;
            let case = desk.routed(&plan)?.case;
            let question =
                canonical("rehab.info.requested", "q-1", "/taarnby/cura", &case, json!({"question": "Hvornår?"}));
            desk.event(&question)?;
            desk.event(&moved("2026-11-22", "461"))?;
            let mut answer =
                canonical("rehab.info.provided", "a-1", "/dragoer/x", &case, json!({"answer": "I morgen"}));
            if let Some(cause) = cause {
                answer["causationid"] = json!(cause);
            }
            let taken = desk.event(&answer)?;
            assert_eq!(told(&desk.routed(&taken)?), ["taarnby/genoptraening information"], "{cause:?}");
            answer["id"] = json!("a-2");
            assert_eq!(code(&desk.event(&answer)?), "OUTSIDE_AGREEMENT", "nobody waits for it any more");
            Ok(())
        });
    }
}
