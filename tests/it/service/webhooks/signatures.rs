//! Which webhooks are taken: those that Twilio signed, with a token or a shared key that is configured.

use rstest::rstest;
use serde_json::json;

use super::{
    super::serving::{ALL, AUTH_TOKEN, Service, call_sid, migrated, settings, sha256_signature, signature},
    STATUS,
};
use crate::servers::Server::Sqlite;

#[tokio::test]
async fn what_twilio_did_not_sign_is_refused() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let sid = call_sid(1);
    let parameters = [("CallSid", sid.as_str()), ("CallStatus", "completed")];
    let changed = [("CallSid", sid.as_str()), ("CallStatus", "failed")];
    let added = [parameters[0], parameters[1], ("To", "+1")];
    let good = signature(AUTH_TOKEN, STATUS, &parameters);
    let of_another_account = signature("another", STATUS, &parameters);
    for (path, parameters, signature) in [
        (STATUS, &parameters[..], of_another_account.as_str()),
        (STATUS, &changed, &good),
        (STATUS, &added, &good),
        (STATUS, &parameters[..1], &good),
        ("/webhooks/twilio/call-status?business_id=8", &parameters, &good),
        ("/webhooks/twilio/call-status", &parameters, &good),
        (STATUS, &parameters, ""),
        (STATUS, &parameters, "AAAA"),
    ] {
        service.webhook_signed(path, parameters, signature).await.is_problem(403);
    }
    assert_eq!(service.get_as(ALL, "/api/calls/last7d").await.json()["calls"], json!([]), "nothing was recorded");
    assert_eq!(service.webhook_signed(STATUS, &parameters, &good).await.status, 204);
}

/// While Twilio goes over from one to the other, it signs with either.
#[tokio::test]
async fn a_token_is_replaced_without_losing_a_webhook() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let mut settings = settings();
    settings.retain(|(name, _)| *name != "CALL_LOG_TWILIO_AUTH_TOKEN");
    settings.push(("CALL_LOG_TWILIO_AUTH_TOKEN", format!("the-next-one,{AUTH_TOKEN}")));
    let service = Service::start_with(&database.url, &[], &settings);
    let parameters = [("CallSid", &*call_sid(1)), ("CallStatus", "completed")];
    let both = format!("the-next-one,{AUTH_TOKEN}");
    for (token, status) in [("the-next-one", 204), (AUTH_TOKEN, 204), (&both, 403), ("", 403), ("another", 403)] {
        let answer = service.webhook_signed(STATUS, &parameters, &signature(token, STATUS, &parameters)).await;
        assert_eq!(answer.status, status, "{token}");
    }
}

/// With the header that <https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys> describes.
#[rstest]
#[case::sha_256(&["next-key", "shared-key"], "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "shared-key", true, 204)]
#[case::sha_1(&["shared-key"], "key=webhooks_sharedkey_1,algorithm=HMAC_SHA1", "shared-key", false, 204)]
#[case::another_algorithm_than_the_named_one(&["shared-key"], "key=webhooks_sharedkey_1,algorithm=HMAC_SHA1", "shared-key", true, 403)]
#[case::a_token_is_no_shared_key(&["shared-key"], "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", AUTH_TOKEN, true, 403)]
#[case::an_algorithm_of_the_future(&["shared-key"], "key=webhooks_sharedkey_1,algorithm=HMAC_SHA512", "shared-key", true, 403)]
#[case::no_shared_key_is_configured(&[], "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "shared-key", true, 403)]
#[case::nor_does_a_token_help_then(&[], "key=webhooks_sharedkey_1,algorithm=HMAC_SHA1", AUTH_TOKEN, false, 403)]
#[tokio::test]
async fn a_webhook_may_be_signed_with_a_shared_key(
    #[case] configured: &[&str],
    #[case] header: &str,
    #[case] key: &str,
    #[case] is_sha256: bool,
    #[case] expected: u16,
) {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let mut settings = settings();
    if !configured.is_empty() {
        settings.push(("CALL_LOG_TWILIO_SHARED_KEY", configured.join(",")));
    }
    let service = Service::start_with(&database.url, &[], &settings);
    let parameters = [("CallSid", &*call_sid(1)), ("CallStatus", "completed")];
    let signature = if is_sha256 { sha256_signature } else { signature }(key, STATUS, &parameters);
    let answer = service.webhook_of_key(STATUS, &parameters, header, &signature).await;
    assert_eq!(answer.status, expected, "{answer:?}");
    // A shared key counts only where the header names one.
    let unnamed = self::signature("shared-key", STATUS, &parameters);
    service.webhook_signed(STATUS, &parameters, &unnamed).await.is_problem(403);
    if configured.is_empty() {
        service.logs("signed with a shared key: set `twilio.shared_key`").await;
    }
    for secret in ["shared-key", AUTH_TOKEN, &signature] {
        assert!(
            !service.log().contains(&format!("{secret}\"")) && !service.log().contains(&format!("={secret}")),
            "{}",
            service.log()
        );
    }
}

#[rstest]
#[case::the_token_is("CALL_LOG_TWILIO_AUTH_TOKEN")]
#[case::the_address_is("CALL_LOG_PUBLIC_URL")]
#[tokio::test]
async fn nothing_is_taken_while_something_is_not_configured(#[case] missing: &str) {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let mut settings = settings();
    settings.retain(|(name, _)| *name != missing);
    let service = Service::start_with(&database.url, &[], &settings);
    let parameters = [("CallSid", &*call_sid(1)), ("CallStatus", "completed")];
    for key in [AUTH_TOKEN, ""] {
        let problem =
            service.webhook_signed(STATUS, &parameters, &signature(key, STATUS, &parameters)).await.is_problem(503);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("twilio.auth_token") && detail.contains("public_url"), "{detail}");
    }
}
