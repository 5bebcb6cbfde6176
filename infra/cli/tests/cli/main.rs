//! The real binary against the real routes on loopback, over the embedded `DynamoDB`: one test a command, and what must hold
//! for all of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod acting;
mod looking;
mod served;
mod signing;
mod trying;

#[path = "../../../../shared/api/tests/support/mod.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod support;
#[path = "../../../../tests/world/whole_api.rs"]
mod whole_api;
#[path = "../../../../tests/world/working.rs"]
mod working;

use working::working;

/// What the docs show is what the commands print: each example in docs/cli.md is a snapshot.
#[test]
fn every_snapshot_of_what_people_see_stands_in_the_docs() {
    let docs = include_str!("../../../../docs/cli.md");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut shown = 0;
    for module in ["show", "story", "chart"] {
        for file in std::fs::read_dir(root.join(module).join("snapshots")).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let printed = text.splitn(3, "---\n").nth(2).unwrap().trim_end();
            assert!(docs.contains(printed), "docs/cli.md lacks {}:\n{printed}", path.display());
            shown += 1;
        }
    }
    assert!(shown > 8, "only {shown} snapshots were found");
}
