use insta::assert_snapshot;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::{super::json, every_change::every_change, *};

const SCHEMA: &str = include_str!("../../../schema/report.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// A reader of version 1 has to expect further properties; what is written today is all in the schema.
fn closed(schema: &mut Value) {
    if let Value::Object(members) = schema {
        if members.contains_key("properties") && members.get("type") == Some(&json!("object")) {
            members.insert("additionalProperties".to_owned(), json!(false));
        }
        members.values_mut().for_each(closed);
    }
}

fn validator() -> Validator {
    let mut schema = schema();
    closed(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

fn document(report: &Report) -> Value {
    parsed(&written(|sink| report.write_json(sink)))
}

/// With something in every place.
fn full() -> Report {
    let mut full = report(every_change());
    full.explain(&[
        step("m50", MigrationState::Applied, vec![missing("recording_mode")]),
        step("m51", MigrationState::Pending, Vec::new()),
    ]);
    full.unchecked = vec![
        unchecked(Rule::DefaultUnchecked, "whether the defaults a() and b() store the same"),
        Unchecked { column: None, ..unchecked(Rule::TriggerUnchecked, "what the trigger `t` does") },
    ];
    full.notes = vec!["pending: m51; apply with sea-orm-cli migrate up".to_owned()];
    full
}

#[test]
fn the_json_form_is_stable() {
    let mut report = report(vec![missing("recording_mode")]);
    report.unchecked = vec![unchecked(Rule::DefaultUnchecked, "whether the defaults a() and b() store the same")];
    assert_snapshot!(written(|sink| report.write_json(sink)), @r#"
    {
      "version": 1,
      "dialect": "postgres",
      "target": "postgres://app:***@db/calls",
      "in_sync": false,
      "compared": {
        "entities": 1,
        "columns": 34,
        "indexes": 6
      },
      "differences": [
        {
          "rule": "column-missing",
          "severity": "error",
          "consequence": "reads-fail",
          "table": "call_log",
          "column": "recording_mode",
          "object": "call_log.recording_mode",
          "message": "`call_log.recording_mode` is declared varchar(32), the database has no such column",
          "effect": "every read of call_log fails: column call_log.recording_mode does not exist",
          "help": null,
          "cause": null,
          "migration": null,
          "accepted": false,
          "exception": null,
          "baseline": null,
          "repair": null
        }
      ],
      "unchecked": [
        {
          "rule": "default-unchecked",
          "severity": null,
          "table": "call_log",
          "column": "token",
          "object": "call_log.token",
          "why": "whether the defaults a() and b() store the same",
          "accepted": false,
          "exception": null,
          "baseline": null
        }
      ],
      "stale": [],
      "notes": []
    }
    "#);
}

#[test]
fn every_report_is_as_the_schema_says() {
    let validator = validator();
    let mut unexplained = report(every_change());
    unexplained.target = None;
    for report in [full(), with_suppressions(), unexplained, report(Vec::new())] {
        let document = document(&report);
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn the_schema_is_a_schema() {
    jsonschema::meta::validate(&schema()).unwrap();
}

/// `UPDATE_SCHEMA=1 cargo test -p sea-orm-drift the_committed_schema` writes it.
#[test]
#[expect(clippy::disallowed_methods, reason = "the settings of the tests are read here")]
fn the_committed_schema_is_the_one_of_the_types() {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut generated = settings.into_generator().into_root_schema_for::<json::Document<'static>>();
    generated.insert("$id".to_owned(), json!("urn:sea-orm-drift:report:1"));
    let generated = serde_json::to_string_pretty(&parsed(&serde_json::to_string(&generated).unwrap())).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/report.schema.json"), &generated).unwrap();
    }
    assert_eq!(schema(), serde_json::from_str::<Value>(&generated).unwrap(), "see the comment on this test");
}

#[test]
fn the_schema_lists_the_rules() {
    let enums = schema()["$defs"]["Rule"].to_string();
    assert!(Rule::ALL.iter().all(|rule| enums.contains(&format!("\"{rule}\""))), "{enums}");
}

#[test]
fn the_schema_rejects_other_documents() {
    let validator = validator();
    let full = document(&full());
    let decided = document(&with_suppressions());
    for (place, wrong) in [
        ("/version", json!(2)),
        ("/dialect", json!("oracle")),
        ("/in_sync", json!("no")),
        ("/target", json!(5432)),
        ("/compared/entities", json!(0)),
        ("/compared/columns", json!(-1)),
        ("/compared/indexes", json!(1.5)),
        ("/notes/0", json!(null)),
        ("/differences", json!({})),
        ("/differences/0/rule", json!("column-mising")),
        ("/differences/0/rule", json!("default-unchecked")),
        ("/differences/0/severity", json!("fatal")),
        ("/differences/0/consequence", json!("ReadsFail")),
        ("/differences/0/column", json!([])),
        ("/differences/0/cause", json!("unknown")),
        ("/differences/0/migration", json!(null)),
        ("/unchecked/0/rule", json!("default-differs")),
        ("/unchecked/0/why", json!(null)),
    ] {
        let mut broken = full.clone();
        let value = broken.pointer_mut(place).unwrap();
        assert_ne!(*value, wrong, "{place}");
        *value = wrong.clone();
        assert!(!validator.is_valid(&broken), "{place}: {wrong}");
    }
    for (place, member) in
        [("", "unchecked"), ("/differences/0", "effect"), ("/unchecked/1", "column"), ("/differences/0", "accepted")]
    {
        let mut broken = full.clone();
        broken.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(member).unwrap();
        assert!(!validator.is_valid(&broken), "{place} without {member}");
    }
    for (place, wrong) in [
        ("/differences/0/accepted", json!("yes")),
        ("/differences/0/baseline", json!("old")),
        ("/differences/0/exception/level", json!("forbid")),
        ("/differences/0/exception/reason", json!("")),
        ("/differences/0/exception/expires", json!(20_270_131)),
        ("/unchecked/0/severity", json!("unchecked")),
        ("/stale/0/kind", json!("old")),
        ("/stale/0/message", json!(null)),
    ] {
        let mut broken = decided.clone();
        let value = broken.pointer_mut(place).unwrap_or_else(|| panic!("{place}"));
        assert_ne!(*value, wrong, "{place}");
        *value = wrong.clone();
        assert!(!validator.is_valid(&broken), "{place}: {wrong}");
    }
}

#[test]
fn each_finding_has_its_exception_and_baseline_state() {
    let mut document = document(&with_suppressions());
    let stale = document["stale"].take();
    let places = ["differences", "unchecked"].map(|place| document[place].take());
    let told = places.iter().flat_map(|findings| findings.as_array().unwrap()).map(|finding| {
        let facts =
            ["rule", "object", "severity", "accepted", "baseline", "exception"].map(|fact| finding[fact].to_string());
        facts.join(" ")
    });
    assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
    "column-unexpected" "call_log.denied" "error" false "new" {"expires":null,"level":"deny","place":null,"reason":"nothing undeclared"}
    "column-missing" "call_log.known" "info" true "known" null
    "column-missing" "call_log.allowed" "info" true "new" {"expires":"2027-01-31","level":"allow","place":null,"reason":"as {agreed}"}
    "column-unexpected" "call_log.note" "info" false "new" null
    "default-unchecked" "call_log.token" null false "new" null
    "default-unchecked" "call_log.denied" "error" false "new" {"expires":null,"level":"deny","place":null,"reason":"nothing undeclared"}
    "default-unchecked" "call_log.allowed" "info" true "new" {"expires":"2027-01-31","level":"allow","place":null,"reason":"as {agreed}"}
    "#);
    assert_snapshot!(serde_json::to_string_pretty(&stale).unwrap(), @r#"
    [
      {
        "kind": "expired",
        "message": "the exception for `*` of `*` expired on 2026-12-31 and no longer applies: remove it or renew it",
        "object": "*",
        "rule": "*"
      },
      {
        "kind": "settled",
        "message": "`column-missing` of `call_log.settled` is no longer there: remove it from the baseline",
        "object": "call_log.settled",
        "rule": "column-missing"
      }
    ]
    "#);
}
