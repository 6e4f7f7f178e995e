//! The page in a real browser: on a phone, and on a desk.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn};
use serde::de::DeserializeOwned;
use serde_json::json;
use thirtyfour::{By, ChromiumLikeCapabilities, DesiredCapabilities, WebDriver, WebElement, prelude::ElementWaitable};

use super::serving::{ALL, Service, call_sid, migrated};
use crate::servers::{Server::Sqlite, find, skip};

const HEBREW: &str = "שלום, הזמנתי שולחן לשבע (7) בערב";
const ENGLISH: &str = "Hello, a table for seven, please";

/// `chromedriver` on a port of its own; it and its browsers end with this value.
struct Chrome {
    driver: Child,
    url: String,
}

impl Chrome {
    /// `None` if it is not installed.
    fn start() -> Option<Self> {
        let Some(program) = find("chromedriver", "/usr/bin") else {
            skip("Chromium's driver");
            return None;
        };
        let mut command = Command::new(program);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = command.process_group(0).spawn().unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port =
            lines.find_map(|line| Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned()));
        // Whoever closes the pipe kills the writer.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { driver, url: format!("http://127.0.0.1:{}", port.unwrap()) })
    }

    async fn open(&self, width: u32) -> WebDriver {
        self.open_in(width, Scheme::Light).await
    }

    async fn open_in(&self, width: u32, scheme: Scheme) -> WebDriver {
        // Asked for by the driver's client, which speaks no TLS here; the other test may have been the first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] {
            capabilities.add_arg(argument).unwrap();
        }
        if scheme == Scheme::Dark {
            capabilities.add_arg("--blink-settings=preferredColorScheme=0").unwrap();
        }
        let metrics = json!({"width": width, "height": 844, "pixelRatio": 1.0, "mobile": width < 600});
        capabilities.add_experimental_option("mobileEmulation", json!({"deviceMetrics": metrics})).unwrap();
        WebDriver::new(&self.url, capabilities).await.unwrap()
    }
}

/// What the reader prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Light,
    Dark,
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-s", "KILL", "--", &group]).status();
        let _ = self.driver.wait();
    }
}

/// What the driver, not the page, finds out.
async fn asked<T: DeserializeOwned>(page: &WebDriver, expression: &str) -> T {
    page.execute(format!("return {expression}"), vec![]).await.unwrap().convert().unwrap()
}

async fn texts(page: &WebDriver, selector: &str) -> Vec<String> {
    asked(page, &format!("Array.from(document.querySelectorAll({}), found => found.innerText)", json!(selector))).await
}

async fn one(page: &WebDriver, selector: &str) -> WebElement {
    page.find(By::Css(selector)).await.unwrap()
}

/// Clicks on what leads to another page, and waits until that is there.
async fn follow(page: &WebDriver, selector: &str) {
    let element = one(page, selector).await;
    element.click().await.unwrap();
    element.wait_until().stale().await.unwrap();
}

async fn fill(db: &DbConn) {
    let rows: Vec<String> = (0..60_u32)
        .map(|row| {
            let at = (chrono::Utc::now() - chrono::TimeDelta::hours((2 * row).into())).format("%Y-%m-%d %H:%M:%S");
            let bucket = ["'HIGH'", "'MED'", "'LOW'", "NULL"][row as usize % 4];
            let text = [HEBREW, ENGLISH][row as usize % 2];
            format!("(7, '{}', '+972501234567', 'completed', 60, {bucket}, 3, 2, 1, '{at}', '{text}')", call_sid(row))
        })
        .collect();
    let columns = "business_id, call_sid, from_number, status, duration, estimated_cost_bucket, stream_connect_count, \
                   recording_count, webhook_11205_count, created_at, final_transcript";
    db.execute_unprepared(&format!("INSERT INTO call_log ({columns}) VALUES {}", rows.join(", "))).await.unwrap();
}

/// axe-core, which npm fetches once and compares with its published checksum.
fn axe() -> Option<String> {
    const PACKAGE: &str = "axe-core@4.10.3";
    static FETCHING: Mutex<()> = Mutex::new(());
    let _alone = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE);
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.is_file() {
        let Some(npm) = find("npm", "/usr/bin") else {
            skip("npm");
            return None;
        };
        std::fs::create_dir_all(&folder).unwrap();
        let install = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", PACKAGE];
        let installed = Command::new(npm).args(install).arg("--prefix").arg(&folder).status().unwrap();
        assert!(installed.success(), "npm did not install {PACKAGE}");
    }
    Some(std::fs::read_to_string(script).unwrap())
}

/// What axe-core finds wrong with a page, each with the elements.
async fn violations(page: &WebDriver, axe: &str) -> Vec<String> {
    page.execute(format!("{axe}; window.axe = axe"), vec![]).await.unwrap();
    let found = "axe.run(document).then(found => found.violations.map(wrong => wrong.id + ': ' + wrong.help + ': ' + \
                 wrong.nodes.map(node => node.html + ' ' + node.failureSummary).join('; ')))";
    asked(page, found).await
}

/// With a screen reader, by keyboard, or with weak eyes, by day and by night.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_wrong(
    #[values(360, 1280)] width: u32,
    #[values(Scheme::Light, Scheme::Dark)] scheme: Scheme,
) {
    let (Some(chrome), Some(axe)) = (Chrome::start(), axe()) else { return };
    let Some((database, db)) = migrated(Sqlite).await else { return };
    fill(&db).await;
    let service = Service::start(&database.url, &[]);
    let page = chrome.open_in(width, scheme).await;
    let check = async |what: &str| {
        let is_dark: bool = asked(&page, "matchMedia('(prefers-color-scheme: dark)').matches").await;
        assert_eq!(is_dark, scheme == Scheme::Dark);
        let found = violations(&page, &axe).await;
        assert!(found.is_empty(), "{what}: {}", found.join("\n"));
        let name = format!("axe-{what}-{width}-{scheme:?}.png");
        page.screenshot(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)).await.unwrap();
    };
    let open = async |path: &str| page.goto(format!("http://{}{path}", service.address)).await.unwrap();

    open("/calls").await;
    check("login").await;
    one(&page, "input[name=token]").await.send_keys(ALL).await.unwrap();
    follow(&page, "form button").await;
    check("calls").await;
    let times = texts(&page, "td[data-name=Time] time").await;
    assert!(times.len() == 50 && times.iter().all(|time| time.ends_with(" UTC")), "{times:?}");
    // What is folded is checked, too.
    page.execute("document.querySelectorAll('details').forEach(details => details.open = true)", vec![]).await.unwrap();
    check("unfolded").await;
    open(&format!("/calls/{}", call_sid(1))).await;
    check("call").await;
    open("/calls?status=nowhere").await;
    check("empty").await;
    open("/calls/zone").await;
    check("zone").await;
    open("/calls?from=never").await;
    check("rejected").await;
    open("/calls/CA0").await;
    check("missing").await;
    // The instrument finds what is there.
    page.execute("document.querySelector('html').removeAttribute('lang')", vec![]).await.unwrap();
    assert!(!violations(&page, &axe).await.is_empty());
    page.quit().await.unwrap();
}

/// From the token to the text of a call, and out again.
#[rstest]
#[case::on_a_phone(360)]
#[case::on_a_desk(1280)]
#[tokio::test(flavor = "multi_thread")]
async fn the_person_on_duty_finds_a_call(#[case] width: u32) {
    let Some(chrome) = Chrome::start() else { return };
    let Some((database, db)) = migrated(Sqlite).await else { return };
    fill(&db).await;
    let service = Service::start(&database.url, &[]);
    let page = chrome.open(width).await;
    let fits = async |what: &str| {
        assert_eq!(asked::<u32>(&page, "window.innerWidth").await, width);
        let overhang: i32 = asked(&page, "document.documentElement.scrollWidth - window.innerWidth").await;
        assert!(overhang <= 0, "{what} is {overhang} pixels wider than the screen");
        // To look at.
        let name = format!("{what}-{width}.png");
        page.screenshot(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)).await.unwrap();
    };

    page.goto(format!("http://{}/calls", service.address)).await.unwrap();
    fits("login").await;
    one(&page, "input[name=token]").await.send_keys(ALL).await.unwrap();
    follow(&page, "form button").await;

    fits("calls").await;
    assert_eq!(texts(&page, "td[data-name=Time]").await.len(), 50);
    assert_eq!(asked::<u32>(&page, "document.scripts.length").await, 0);
    assert!(one(&page, "header").await.text().await.unwrap().contains("Schema: in sync"));
    let bar = one(&page, "svg rect.high").await.rect().await.unwrap();
    assert!(bar.width > 1.0 && bar.height > 1.0, "the chart is to be seen: {bar:?}");
    follow(&page, "a[rel=next]").await;
    assert_eq!(texts(&page, "td[data-name=Time]").await.len(), 10);

    one(&page, "select[name=bucket] option[value=HIGH]").await.click().await.unwrap();
    follow(&page, "form.filters button").await;
    let costs = texts(&page, "td[data-name=Cost]").await;
    assert!(costs.len() == 15 && costs.iter().all(|cost| cost.to_uppercase().contains("HIGH")), "{costs:?}");

    for (row, text, direction) in [(1, HEBREW, "rtl"), (2, ENGLISH, "ltr")] {
        page.goto(format!("http://{}/calls", service.address)).await.unwrap();
        follow(&page, &format!("tr:nth-child({row}) td[data-name=Time] a")).await;
        fits(&format!("call-{direction}")).await;
        let shown = one(&page, "p.text").await;
        assert_eq!(shown.text().await.unwrap(), text);
        assert_eq!(shown.css_value("direction").await.unwrap(), direction);
    }

    follow(&page, "header a[href='/calls/zone']").await;
    fits("zone").await;
    let zones = "Array.from(document.querySelectorAll('option')).findIndex(zone => zone.text === 'Asia/Jerusalem')";
    let jerusalem = asked::<u32>(&page, zones).await + 1;
    one(&page, &format!("option:nth-child({jerusalem})")).await.click().await.unwrap();
    follow(&page, "form.filters button").await;
    fits("calls-in-jerusalem").await;
    let times = texts(&page, "td[data-name=Time] time").await;
    let is_local = |time: &String| time.contains(" IST (") || time.contains(" IDT (");
    assert!(times.len() == 50 && times.iter().all(is_local), "{times:?}");

    follow(&page, "form[action='/calls/logout'] button").await;
    assert_eq!(texts(&page, "input[name=token]").await.len(), 1);
    page.quit().await.unwrap();
}
