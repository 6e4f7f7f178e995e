use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{every_change::every_change, *};

/// OASIS's own: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>.
const SCHEMA: &str = include_str!("../../../tests/fixtures/sarif-schema-2.1.0.json");

fn sarif(report: &Report) -> Value {
    parsed(&written(|sink| report.write_sarif("entity/src/lib.rs", sink)))
}

fn full() -> Report {
    let mut report = report(every_change());
    report.explain(&[
        step("m50", MigrationState::Applied, vec![missing("recording_mode")]),
        step("m51", MigrationState::Pending, Vec::new()),
    ]);
    report.unchecked = vec![
        unchecked(Rule::DefaultUnchecked, "whether the defaults '{}' and b() store the same"),
        Unchecked { column: None, ..unchecked(Rule::TriggerUnchecked, "what the trigger `t` does") },
    ];
    report.notes = vec!["pending: m51".to_owned()];
    report
}

#[test]
fn it_is_valid() {
    // Its pattern for a language has a bracket too many.
    let schema = serde_json::from_str(&SCHEMA.replace("{2}]?$", "{2}$")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut unnamed = full();
    unnamed.target = None;
    for report in [full(), with_suppressions(), unnamed, report(Vec::new())] {
        let document = sarif(&report);
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    let mut broken = sarif(&full());
    *broken.pointer_mut("/runs/0/results/0/level").unwrap() = json!("fatal");
    assert!(!validator.is_valid(&broken), "the schema rejects what is wrong");
}

#[test]
fn the_rules_are_all_there_and_explained() {
    let rules = sarif(&report(Vec::new()))["runs"][0]["tool"]["driver"]["rules"].take();
    let ids: Vec<&str> = rules.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, Rule::ALL.iter().map(|rule| rule.name()).collect::<Vec<_>>());
    for rule in rules.as_array().unwrap() {
        for place in ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
            assert!(rule.pointer(place).and_then(Value::as_str).is_some_and(|text| text.len() > 10), "{rule}");
        }
    }
}

#[test]
fn a_result_says_where_and_what_and_is_known_again() {
    let mut drifted = report(vec![missing("recording_mode")]);
    drifted.unchecked = vec![unchecked(Rule::DefaultUnchecked, "whether the defaults '{}' and b() store the same")];
    let results = sarif(&drifted)["runs"][0]["results"].take();
    assert_snapshot!(serde_json::to_string_pretty(&results).unwrap(), @r##"
    [
      {
        "kind": "fail",
        "level": "error",
        "locations": [
          {
            "logicalLocations": [
              {
                "fullyQualifiedName": "call_log.recording_mode",
                "kind": "column"
              }
            ],
            "physicalLocation": {
              "artifactLocation": {
                "uri": "entity/src/lib.rs",
                "uriBaseId": "%SRCROOT%"
              },
              "region": {
                "startLine": 1
              }
            }
          }
        ],
        "message": {
          "text": "`call_log.recording_mode` is declared varchar(32), the database has no such column\nevery read of call_log fails: column call_log.recording_mode does not exist"
        },
        "partialFingerprints": {
          "primaryLocationLineHash": "column-missing call_log.recording_mode",
          "ruleAndObject/v1": "column-missing call_log.recording_mode"
        },
        "properties": {
          "consequence": "reads-fail"
        },
        "ruleId": "column-missing",
        "ruleIndex": 2,
        "suppressions": []
      },
      {
        "kind": "open",
        "level": "none",
        "locations": [
          {
            "logicalLocations": [
              {
                "fullyQualifiedName": "call_log.token",
                "kind": "column"
              }
            ],
            "physicalLocation": {
              "artifactLocation": {
                "uri": "entity/src/lib.rs",
                "uriBaseId": "%SRCROOT%"
              },
              "region": {
                "startLine": 1
              }
            }
          }
        ],
        "message": {
          "text": "`call_log.token`: whether the defaults '{{}}' and b() store the same"
        },
        "partialFingerprints": {
          "primaryLocationLineHash": "default-unchecked call_log.token",
          "ruleAndObject/v1": "default-unchecked call_log.token"
        },
        "ruleId": "default-unchecked",
        "ruleIndex": 32,
        "suppressions": []
      }
    ]
    "##);
}

#[test]
fn fingerprints_tell_findings_apart_and_stay() {
    let prints = |report: &Report| -> Vec<String> {
        let results = sarif(report)["runs"][0]["results"].take();
        let results = results.as_array().unwrap().iter();
        results.map(|result| result["partialFingerprints"]["ruleAndObject/v1"].as_str().unwrap().to_owned()).collect()
    };
    let of_all = prints(&full());
    assert_eq!(of_all.iter().collect::<BTreeSet<_>>().len(), of_all.len());

    let mut later = full();
    later.explain(&[]);
    later.target = Some("mysql://other".to_owned());
    assert_eq!(prints(&later), of_all, "neither the cause nor the database makes it another finding");
}

#[test]
fn notes_are_notifications() {
    let invocation = sarif(&full())["runs"][0]["invocations"][0].take();
    let notification = json!({ "level": "note", "message": { "text": "pending: m51" } });
    assert_eq!(
        invocation,
        json!({
            "executionSuccessful": true,
            "toolExecutionNotifications": [notification],
            "toolConfigurationNotifications": [],
        })
    );
}

#[test]
fn an_accepted_finding_is_suppressed_and_a_denied_one_is_an_error() {
    let mut document = sarif(&with_suppressions());
    let results = document["runs"][0]["results"].take();
    let told = results.as_array().unwrap().iter().map(|result| {
        let known_by = &result["partialFingerprints"]["ruleAndObject/v1"];
        format!("{known_by} {} {} {}", result["kind"], result["level"], result["suppressions"])
    });
    assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
    "column-unexpected call_log.denied" "fail" "error" []
    "column-missing call_log.known" "fail" "note" [{"justification":"it is in the baseline","kind":"external"}]
    "column-missing call_log.allowed" "fail" "note" [{"justification":"as {agreed}","kind":"external"}]
    "column-unexpected call_log.note" "fail" "note" []
    "default-unchecked call_log.token" "open" "none" []
    "default-unchecked call_log.denied" "fail" "error" []
    "default-unchecked call_log.allowed" "open" "none" [{"justification":"as {agreed}","kind":"external"}]
    "#);
    let stale = document["runs"][0]["invocations"][0]["toolConfigurationNotifications"].take();
    let stale = stale.as_array().unwrap().iter().map(|notification| notification["message"]["text"].as_str().unwrap());
    assert_eq!(
        stale.collect::<Vec<_>>(),
        with_suppressions().stale.iter().map(ToString::to_string).collect::<Vec<_>>()
    );
}

#[test]
fn each_kind_of_object_has_its_own_name() {
    let log = parsed(&written(|sink| report(every_change()).write_sarif("entity/src/call_log.rs", sink)));
    let kind = |rule: &str| {
        let results = log["runs"][0]["results"].as_array().unwrap();
        let result = results.iter().find(|result| result["ruleId"] == rule).unwrap();
        result["locations"][0]["logicalLocations"][0]["kind"].clone()
    };
    for rule in ["foreign-key-missing", "foreign-key-differs", "foreign-key-unexpected"] {
        assert_eq!(kind(rule), "foreign-key", "{rule}");
    }
    assert_eq!((kind("unique-missing"), kind("check-missing")), (json!("index"), json!("check")));
    assert_eq!((kind("table-missing"), kind("type-differs")), (json!("table"), json!("column")));
    assert_eq!(kind("privilege-missing"), "columns");
}
