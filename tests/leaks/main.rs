//! No secret passes the door: not the one that an exchange shows, not the one that is known from
//! elsewhere, and not the one that only a later exchange shows to be one.
//!
//! `LEAK_SESSIONS` says how many sessions of a hundred exchanges are tried.

mod planted;
mod search;

use onrecord::cassette::{Cassette, CassetteError, Durability, Header, Journal, Origin};
use onrecord::contract::Declared;
use onrecord::exchange::Exchange;
use onrecord::redact::{Redacted, Redactor, Rules, suspicions};
use proptest::prelude::{ProptestConfig, Strategy as _, prop_assert, prop_assert_eq, proptest};

use planted::{Form, Known, Place, Plant, plant};
use search::holds;

const EXCHANGES: usize = 100;

fn config() -> ProptestConfig {
    let sessions = std::env::var("LEAK_SESSIONS").ok().and_then(|text| text.parse().ok());
    ProptestConfig { cases: sessions.unwrap_or(10), failure_persistence: None, ..ProptestConfig::default() }
}

/// What may be refused: a secret in base64 or hex that cannot be written again there.
fn may_be_refused(plant: &Plant) -> bool {
    plant.form.is_encoded()
}

/// The exchange through a door that knows the secret as the plant says.
fn pass(redactor: &Redactor, plant: &Plant) -> Option<Redacted<Exchange>> {
    if plant.known == Known::Told {
        redactor.secret(&plant.secret);
    }
    match redactor.exchange(&plant.exchange(), &plant.declared()) {
        Ok(passed) => Some(passed),
        Err(leak) => {
            assert!(may_be_refused(plant), "{leak}: {plant:?}");
            assert!(!leak.to_string().contains(&plant.secret));
            None
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_planted_secret_is_in_what_passes(plants in proptest::collection::vec(plant(), EXCHANGES)) {
        let redactor = Redactor::new();
        let passed: Vec<_> = plants.iter().map(|plant| pass(&redactor, plant)).collect();
        for plant in &plants {
            if let Some(late) = plant.late() {
                let shown = redactor.exchange(&late, &Default::default()).unwrap();
                prop_assert!(!holds(&shown, &plant.secret), "{plant:?}");
            }
        }
        for (plant, passed) in plants.iter().zip(&passed) {
            let Some(passed) = passed else { continue };
            if !matches!(plant.known, Known::Late(_)) {
                prop_assert!(!holds(passed, &plant.secret), "{plant:?}");
            }
            match redactor.again(passed) {
                Ok(again) => {
                    prop_assert!(!holds(&again, &plant.secret), "{plant:?}");
                    let left = suspicions(&again, &Rules::default(), &Declared::default());
                    prop_assert!(left.is_empty(), "{left:?} {plant:?}");
                    prop_assert_eq!(&*redactor.again(&again).unwrap(), &*again);
                    let pieces: usize = again.response.pieces.iter().map(|piece| piece.length).sum();
                    prop_assert!(again.response.pieces.is_empty() || pieces == again.response.body.len());
                }
                Err(leak) => {
                    prop_assert!(may_be_refused(plant), "{leak}: {plant:?}");
                    prop_assert!(!leak.to_string().contains(&plant.secret));
                }
            }
        }
    }

    #[test]
    fn the_gate_sees_what_a_broken_redaction_would_leave(plants in proptest::collection::vec(plant(), EXCHANGES)) {
        for plant in &plants {
            let redactor = Redactor::new();
            redactor.secret(&plant.secret);
            let found = redactor.hunt(&plant.exchange());
            prop_assert!(found.is_err_and(|leak| !leak.to_string().contains(&plant.secret)), "{plant:?}");
        }
    }
}

/// A redaction that is broken on purpose: it knows none of the secrets.
#[test]
fn what_a_broken_redaction_wrote_gets_into_no_cassette() {
    use proptest::strategy::ValueTree as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let header = Header::new(None, Origin::Sandbox);
    let journal = Journal::open(&path, &header, Durability::Grouped).unwrap();
    let (broken, knowing) = (Redactor::new(), Redactor::new());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let told = plant().prop_map(|plant| Plant { known: Known::Told, ..plant });
    let plants: Vec<_> = (0..EXCHANGES).map(|_| told.new_tree(&mut runner).unwrap().current()).collect();
    for plant in &plants {
        knowing.secret(&plant.secret);
        let passed = broken.exchange(&plant.exchange(), &Declared::default()).unwrap();
        assert!(holds(&passed, &plant.secret), "it is not broken: {plant:?}");
        journal.append(passed).unwrap();
    }
    let harmless = Plant { secret: "harmless words".into(), form: Form::Raw, ..plants[0].clone() };
    journal.append(broken.exchange(&harmless.exchange(), &Declared::default()).unwrap()).unwrap();

    let only_looks = |exchange: &Redacted<Exchange>| knowing.hunt(exchange).map(|()| exchange.clone());
    let refused = journal.finish(&only_looks).unwrap_err();
    assert!(matches!(refused, CassetteError::Leak { .. }), "{refused}");
    let message = refused.to_string();
    assert!(message.contains(" would be left in the ") && message.contains("a.json"), "{message}");
    assert_eq!(Cassette::load(&path).unwrap().exchanges.len(), 1);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let text = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&text) + &*message;
        assert!(plants.iter().all(|plant| !text.contains(&plant.secret)), "{text}");
    }
}

#[test]
fn what_is_searched_with_finds_what_is_planted() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for place in planted::PLACES {
        for form in planted::FORMS {
            for coding in ["", "gzip"] {
                let mut plant = plant().new_tree(&mut runner).unwrap().current();
                (plant.known, plant.place, plant.form, plant.coding) = (Known::Told, place, form, coding);
                assert!(holds(&plant.exchange(), &plant.secret), "{plant:?}");
            }
        }
    }
    assert_eq!((planted::PLACES.len(), Place::Path, Form::Raw), (14, planted::PLACES[0], planted::FORMS[0]));
}
