//! What the pages say about tests and files is so: each file that they name is there, and each test stands in the file named for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

/// The pages whose claims name their proofs.
const PAGES: [&str; 5] =
    ["docs/architecture.md", "docs/events.md", "docs/features.md", "docs/reliability.md", "docs/scenarios.md"];
/// A path that begins so is one of this repository.
const FOLDERS: [&str; 6] = ["docs/", "events/", "functions/", "infra/", "shared/", "tests/"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The texts between backticks, in their order.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Words joined by `_`, as tests are named; a setting or a column has fewer.
fn is_test_name(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    plain && text.matches('_').count() >= 3
}

fn is_path(text: &str) -> bool {
    FOLDERS.iter().any(|folder| text.starts_with(folder)) && !text.contains(['*', '<', '{', ' '])
}

/// A test that the file holds: a function, or a promise of the behaviour suite by its name.
fn holds(source: &str, test: &str) -> bool {
    source.contains(&format!("fn {test}("))
        || source.contains(&format!("fn {test}<"))
        || source.contains(&format!("\"{test}\""))
}

/// What one line claims and is not so, and how many tests it names.
fn check(line: &str, read: impl Fn(&str) -> Option<String>) -> (Vec<String>, usize) {
    let (mut faults, mut file, mut tests) = (Vec::new(), None, 0);
    for text in quoted(line) {
        if is_path(text) {
            match read(text) {
                Some(source) => {
                    file = Path::new(text).extension().is_some_and(|end| end == "rs").then_some((text, source));
                }
                None => faults.push(format!("there is no {text}")),
            }
        } else if is_test_name(text)
            && let Some((path, source)) = &file
        {
            tests += 1;
            if !holds(source, text) {
                faults.push(format!("{path} has no test {text}"));
            }
        }
    }
    (faults, tests)
}

fn read(path: &str) -> Option<String> {
    let path = root().join(path);
    if path.is_dir() { Some(String::new()) } else { std::fs::read_to_string(path).ok() }
}

#[test]
fn every_test_and_file_that_the_pages_name_is_there() {
    let (mut faults, mut tests) = (Vec::new(), 0);
    for page in PAGES {
        for (number, line) in read(page).unwrap().lines().enumerate() {
            let (of_line, named) = check(line, read);
            tests += named;
            faults.extend(of_line.into_iter().map(|fault| format!("{page}:{}: {fault}", number + 1)));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert!(tests > 250, "only {tests} tests are named");
}

#[test]
fn every_row_that_works_names_its_proof() {
    let mut rows = BTreeSet::new();
    for line in read("docs/features.md").unwrap().lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, row, state, proof, promise, _] = cells[..] else { continue };
        if !row.starts_with(|c: char| c.is_ascii_uppercase()) || !row.ends_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        assert!(rows.insert(row.to_owned()), "{row} stands there twice");
        assert!(["works", "partly", "not yet"].contains(&state), "{row}: {state}");
        assert!(!promise.is_empty(), "{row} promises nothing");
        let named = quoted(proof).any(is_test_name);
        assert!(state != "works" || named || proof.starts_with("as "), "{row} works and names no test: {proof}");
        assert!(state != "partly" || proof.contains("issing"), "{row} does not say what is missing: {proof}");
    }
    assert!(rows.len() > 90, "{}", rows.len());
}

#[test]
fn every_point_of_the_25_scenarios_names_its_proof() {
    let (mut scenarios, mut points) = (0, 0);
    for line in read("docs/scenarios.md").unwrap().lines() {
        if let Some(title) = line.strip_prefix("## ") {
            scenarios += 1;
            assert!(title.starts_with(&format!("{scenarios}. ")), "{title}");
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, point, proof, _] = cells[..] else { continue };
        if point == "point" || point.starts_with("---") {
            continue;
        }
        points += 1;
        let named = quoted(proof).any(is_test_name);
        assert!(
            named || proof.contains("issing"),
            "scenario {scenarios}: {point}: neither proved nor said to be missing"
        );
    }
    assert!(scenarios == 25 && points > 100, "{scenarios} scenarios, {points} points");
}

#[test]
fn a_page_that_names_what_is_not_there_is_found_out() {
    let read = |path: &str| (path == "tests/a.rs").then(|| "#[test]\nfn a_test_that_is_there() {}\n".to_owned());
    assert_eq!(check("| `tests/a.rs`: `a_test_that_is_there` |", read), (Vec::new(), 1));
    assert_eq!(check("`tests/a.rs`: `a_test_that_is_not`", read).0, ["tests/a.rs has no test a_test_that_is_not"]);
    assert_eq!(check("`tests/b.rs`: `a_test_that_is_there`", read).0, ["there is no tests/b.rs"]);
    assert_eq!(check("`order_number_prefix` is a setting", read), (Vec::new(), 0));
}
