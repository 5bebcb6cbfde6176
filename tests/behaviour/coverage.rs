//! Which of the vendors' described calls the suite made, printed per platform when it ends.

use std::collections::BTreeMap;
use std::sync::Mutex;

#[derive(Debug, Default)]
struct Checked {
    /// By the vendor's name of the call.
    requests: BTreeMap<String, usize>,
    violations: usize,
}

static CHECKED: Mutex<BTreeMap<&str, Checked>> = Mutex::new(BTreeMap::new());

pub fn add(platform: &'static str, requests: BTreeMap<String, usize>, violations: usize) {
    let mut all = CHECKED.lock().unwrap();
    let checked = all.entry(platform).or_default();
    checked.violations += violations;
    for (operation, requests) in requests {
        *checked.requests.entry(operation).or_default() += requests;
    }
}

/// Requests are checked against the vendors' descriptions; where those are absent nothing was.
pub fn print() {
    for (platform, checked) in &*CHECKED.lock().unwrap() {
        let counts = &checked.requests;
        if counts.is_empty() {
            println!("contract coverage of {platform}: its description is not here, nothing was checked");
            continue;
        }
        let used: Vec<_> = counts.iter().filter(|(_, requests)| **requests > 0).collect();
        let requests: usize = counts.values().sum();
        println!(
            "contract coverage of {platform}: {} of {} described calls used, {requests} requests checked, {} violations",
            used.len(),
            counts.len(),
            checked.violations
        );
        for (operation, requests) in used {
            println!("    {requests:>6} {operation}");
        }
    }
}
