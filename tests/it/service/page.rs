//! The page of the person on duty: behind a token, without a script, and nobody's text is markup.

use http_body_util::Full;
use sea_orm::ConnectionTrait;

use super::serving::{ALL, Answer, EIGHT, SEVEN, Service, call_sid, form, migrated};
use crate::servers::{Database, Server::Sqlite};

async fn with_calls() -> Option<(Database, Service)> {
    let (database, db) = migrated(Sqlite).await?;
    let rows: Vec<String> = (0..60)
        .map(|row| {
            let at = (chrono::Utc::now() - chrono::TimeDelta::hours(2 * row)).format("%Y-%m-%d %H:%M:%S");
            let bucket = ["'LOW'", "'MED'", "'HIGH'", "NULL"][usize::try_from(row).unwrap() % 4];
            let sid = call_sid(u32::try_from(row).unwrap());
            format!("({}, '{sid}', '<b>+1</b>', 'completed', 60, {bucket}, 3, 2, 1, '{at}', 'שלום <script>alert(1)</script>')", 7 + row % 2)
        })
        .collect();
    let columns = "business_id, call_sid, from_number, status, duration, estimated_cost_bucket, stream_connect_count, \
                   recording_count, webhook_11205_count, created_at, final_transcript";
    db.execute_unprepared(&format!("INSERT INTO call_log ({columns}) VALUES {}", rows.join(", "))).await.unwrap();
    let service = Service::start(&database.url, &[]);
    Some((database, service))
}

async fn log_in(service: &Service, token: &str) -> Answer {
    let request = service.request("POST", "/calls/login").header("content-type", "application/x-www-form-urlencoded");
    service.send(request.body(Full::from(form(&[("token", token)]))).unwrap()).await
}

async fn get_with(service: &Service, cookie: &str, path: &str) -> Answer {
    service.send(service.request("GET", path).header("cookie", cookie).body(Full::default()).unwrap()).await
}

fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_is_exchanged_for_a_cookie() {
    let Some((_database, service)) = with_calls().await else { return };
    let closed = service.get("/calls").await;
    assert_eq!(closed.status, 401);
    assert!(closed.body.contains("<form method=\"post\" action=\"/calls/login\">") && !closed.body.contains("CA00"));
    let refused = log_in(&service, "nobody's").await;
    assert_eq!((refused.status.as_u16(), refused.header("set-cookie")), (401, ""));

    let answer = log_in(&service, SEVEN).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/calls"));
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/calls", "Secure", "Max-Age=43200"] {
        assert!(answer.header("set-cookie").contains(attribute), "{answer:?}");
    }
    assert!(!answer.header("set-cookie").contains(SEVEN));
    let cookie = cookie(&answer);
    assert_eq!(get_with(&service, &cookie, "/calls").await.status, 200);
    assert_eq!(get_with(&service, &format!("other=1; {cookie}"), "/calls").await.status, 200);
    assert_eq!(get_with(&service, &format!("{cookie}x"), "/calls").await.status, 401);
    get_with(&service, &cookie, "/api/calls/last7d").await.is_problem(401);

    let out = service.send(service.request("POST", "/calls/logout").body(Full::default()).unwrap()).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{out:?}");
}

#[tokio::test]
async fn the_page_shows_calls_costs_and_the_schema_without_a_script() {
    let Some((_database, service)) = with_calls().await else { return };
    let page = service.get_as(ALL, "/calls").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(page.header("content-type").starts_with("text/html") && page.header("cache-control") == "no-store");
    for part in [
        "Schema: in sync",
        "<svg",
        "rect class=\"high\"",
        "Older calls",
        "&#60;b&#62;+1&#60;/b&#62;",
        "name=\"business\"",
        "<option value=\"initiated\">",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    for never in ["<script", "<b>", " style=", "onclick"] {
        assert!(!page.body.contains(never), "{never}: {}", page.body);
    }
    let style = service.get("/style.css").await;
    assert!(style.header("content-type").starts_with("text/css"), "{style:?}");
}

/// Without a script, as it chooses the zone by a form.
#[tokio::test]
async fn times_are_shown_in_the_zone_of_the_reader_with_utc_beside_them() {
    let Some((database, service)) = with_calls().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("UPDATE call_log SET created_at = '2026-01-15 23:30:00'").await.unwrap();
    let session = cookie(&log_in(&service, ALL).await);
    let choose = async |session: &str, zone: &str| {
        let request = service.request("POST", "/calls/zone").header("cookie", session);
        service.send(request.body(Full::from(form(&[("zone", zone)]))).unwrap()).await
    };
    let list = "/calls?from=2026-01-15&to=2026-01-16";
    let call = format!("/calls/{}", call_sid(0));

    let page = get_with(&service, &session, "/calls/zone").await.body;
    assert!(
        page.contains("<option>Asia/Jerusalem</option>") && page.contains("<option selected>UTC</option>"),
        "{page}"
    );
    for path in [list, &call] {
        let page = get_with(&service, &session, path).await.body;
        assert!(page.contains(">2026-01-15 23:30:00 UTC</time>"), "{page}");
    }

    let chosen = choose(&session, "Asia/Jerusalem").await;
    assert_eq!((chosen.status.as_u16(), chosen.header("location")), (303, "/calls"));
    let both = format!("{session}; {}", cookie(&chosen));
    for path in [list, &call] {
        let page = get_with(&service, &both, path).await.body;
        let time = "<time datetime=\"2026-01-15T23:30:00Z\">2026-01-16 01:30:00 IST (2026-01-15 23:30:00 UTC)</time>";
        assert!(page.contains(time), "{page}");
    }
    let page = get_with(&service, &both, "/calls/zone").await.body;
    assert!(page.contains("<option selected>Asia/Jerusalem</option>") && !page.contains("<script"), "{page}");

    for wrong in ["Asia/Nowhere", "", "<b>"] {
        let refused = choose(&session, wrong).await;
        assert_eq!((refused.status.as_u16(), refused.header("set-cookie")), (400, ""), "{wrong}");
        assert!(refused.body.contains("No such time zone.") && !refused.body.contains("<b>"), "{}", refused.body);
    }
    let spoilt = get_with(&service, &format!("{session}; call_log_zone=<b>"), list).await;
    assert!(spoilt.status == 200 && spoilt.body.contains(">2026-01-15 23:30:00 UTC</time>"), "{}", spoilt.body);
    assert_eq!(choose("", "Asia/Jerusalem").await.status, 401);
}

#[tokio::test]
async fn texts_are_shown_in_their_own_direction_and_never_as_markup() {
    let Some((_database, service)) = with_calls().await else { return };
    let page = service.get_as(SEVEN, &format!("/calls/{}", call_sid(0))).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<p class=\"text\" dir=\"auto\">שלום &#60;script&#62;"), "{}", page.body);
    assert!(!page.body.contains("<script"));
}

/// Also one of somebody else's.
#[tokio::test]
async fn a_call_that_is_not_there_is_a_page_that_says_so() {
    let Some((_database, service)) = with_calls().await else { return };
    for (token, sid) in [(EIGHT, call_sid(0)), (ALL, call_sid(999)), (ALL, "x".repeat(65))] {
        let page = service.get_as(token, &format!("/calls/{sid}")).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (404, "text/html; charset=utf-8"));
        assert!(page.body.contains("No such call.") && page.body.contains("Schema: in sync"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let Some((_database, service)) = with_calls().await else { return };
    let origin = format!("http://{}", service.address);
    let own = [[("sec-fetch-site", "same-origin"), ("origin", "null")], [("accept", "*/*"), ("origin", &origin)]];
    let foreign = [
        [("sec-fetch-site", "cross-site"), ("origin", &origin)],
        [("sec-fetch-site", "same-site"), ("accept", "*/*")],
        [("accept", "*/*"), ("origin", "https://example.com")],
    ];
    for path in ["/calls/login", "/calls/logout", "/calls/zone"] {
        let post = async |headers: [(&str, &str); 2]| {
            let request = headers
                .iter()
                .fold(service.request("POST", path), |request, (name, value)| request.header(*name, *value));
            let request = request.header("authorization", format!("Bearer {SEVEN}"));
            service.send(request.body(Full::from(form(&[("token", SEVEN), ("zone", "UTC")]))).unwrap()).await
        };
        for headers in own {
            assert_eq!(post(headers).await.status, 303, "{path} {headers:?}");
        }
        for headers in foreign {
            let answer = post(headers).await;
            answer.is_problem(403);
            assert_eq!(answer.header("set-cookie"), "");
        }
    }
}

#[tokio::test]
async fn a_chart_that_would_be_too_long_is_not_left_out_without_a_word() {
    let Some((_database, service)) = with_calls().await else { return };
    for (from, is_shown) in [("2020-01-01", false), ("", true)] {
        let page = service.get_as(ALL, &format!("/calls?from={from}")).await;
        assert_eq!(page.body.contains("<svg"), is_shown, "{from}");
        assert_eq!(page.body.contains("The chart shows at most 366 days"), !is_shown, "{from}");
    }
}

/// As `call-log check` says differences.
#[tokio::test]
async fn a_schema_that_fits_with_differences_is_not_called_in_sync() {
    let Some((database, db)) = migrated(Sqlite).await else { return };
    db.execute_unprepared("DROP INDEX ix_call_log_lead_id").await.unwrap();
    let service = Service::start(&database.url, &[]);
    assert_eq!(service.readiness().await, ("differs".to_owned(), 200));
    let page = service.get_as(ALL, "/calls").await.body;
    assert!(page.contains("Schema: fits, with differences") && page.contains("warning[index-missing]"), "{page}");
    let metrics = service.get_as(ALL, "/metrics").await.body;
    assert!(
        metrics.contains("schema_state{state=\"differs\"} 1") && metrics.contains("schema_state{state=\"in-sync\"} 0")
    );
}

#[tokio::test]
async fn the_list_is_filtered_and_goes_on() {
    let Some((_database, service)) = with_calls().await else { return };
    let rows = |page: &Answer| page.body.matches("<td data-name=\"Time\">").count();
    let first = service.get_as(ALL, "/calls").await;
    assert_eq!(rows(&first), 50);
    let (_, rest) = first.body.split_once("<a rel=\"next\" href=\"").unwrap();
    let link = rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    let second = service.get_as(ALL, &link).await;
    assert_eq!(rows(&second), 10);
    assert!(second.body.contains("Newest") && !second.body.contains("Older calls"));

    assert_eq!(rows(&service.get_as(ALL, "/calls?bucket=HIGH&status=&from=&to=").await), 15);
    assert_eq!(rows(&service.get_as(ALL, "/calls?business=8").await), 30);
    let own = service.get_as(SEVEN, "/calls?business=8").await;
    assert_eq!(rows(&own), 30);
    assert!(!own.body.contains(&call_sid(1)), "the other business's calls are not there, whatever is asked for");
    for nonsense in ["bucket=x", "from=x", "business=x", "cursor=x"] {
        let answer = service.get_as(ALL, &format!("/calls?{nonsense}")).await;
        assert_eq!((answer.status.as_u16(), rows(&answer)), (400, 0), "{nonsense}");
        assert!(answer.body.contains("role=\"alert\""));
    }
}
