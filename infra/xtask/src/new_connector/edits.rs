//! The lines by which the workspace comes to know a connector. Each edit made twice is made once.

use super::Name;
use anyhow::{Context, Result};

/// One file and what becomes of it.
pub struct Edit {
    pub path: &'static str,
    pub apply: fn(&str, &Name) -> Result<String>,
}

pub const ALL: [Edit; 5] = [
    Edit { path: "Cargo.toml", apply: workspace },
    Edit { path: "shared/registry/Cargo.toml", apply: dependency },
    Edit { path: "shared/registry/src/lib.rs", apply: registry },
    Edit { path: "tests/fakes/lib.rs", apply: fakes },
    Edit { path: "tests/behaviour/subjects.rs", apply: subjects },
];

fn workspace(text: &str, name: &Name) -> Result<String> {
    let line = name.filled("connector-__kebab__ = { path = \"shared/connectors/__kebab__\" }");
    among(text, "connector-", &line)
}

fn dependency(text: &str, name: &Name) -> Result<String> {
    among(text, "connector-", &name.filled("connector-__kebab__.workspace = true"))
}

const ENTRY: &str = r#"        Entry {
            name: "__kebab__",
            channel: Some(Role {
                can: |_| &__snake__::CAPABILITIES,
                make: |parts| Ok(only::<WORK, _>(__snake__::__Pascal__::new(&parts.config, parts.http.clone())?)),
            }),
            store: None,
            consent: None,
            read: __snake__::read,
        },
"#;

fn registry(text: &str, name: &Name) -> Result<String> {
    let text = among(text, "use connector_", &name.filled("use connector___snake__ as __snake__;"))?;
    if text.contains(&name.filled("name: \"__kebab__\"")) {
        return Ok(text);
    }
    let list = text.find("const PLATFORMS: &'static [Entry] = &[").context("there is no list PLATFORMS")?;
    let end = list + text[list..].find("\n    ];").context("the list PLATFORMS has no end")? + 1;
    Ok(format!("{}{}{}", &text[..end], name.filled(ENTRY), &text[end..]))
}

fn fakes(text: &str, name: &Name) -> Result<String> {
    among(text, "pub mod ", &name.filled("pub mod __snake__;"))
}

fn subjects(text: &str, name: &Name) -> Result<String> {
    let text = among(text, "mod ", &name.filled("mod __snake__;"))?;
    let subject = name.filled("&__snake__::__UPPER__");
    if text.contains(&subject) {
        return Ok(text);
    }
    let list = text.find("const SUBJECTS: &[&Subject] =").context("there is no list SUBJECTS")?;
    let end = list + text[list..].find("];").context("the list SUBJECTS has no end")?;
    let before = text[..end].trim_end().trim_end_matches(',');
    Ok(format!("{before}, {subject}{}", &text[end..]))
}

/// Puts `line` among those that begin alike, in the order of their names.
fn among(text: &str, beginning: &str, line: &str) -> Result<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.contains(&line) {
        return Ok(text.to_owned());
    }
    let alike = || lines.iter().enumerate().filter(|(_, known)| known.starts_with(beginning));
    let last = alike().next_back().with_context(|| format!("no line begins with `{beginning}`"))?.0;
    let at = alike().find(|(_, known)| **known > line).map_or(last + 1, |(at, _)| at);
    lines.insert(at, line);
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn real(path: &str) -> String {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
    }

    /// Lines of `after` that `before` lacks.
    fn added(before: &str, after: &str) -> Vec<String> {
        after
            .lines()
            .filter(|line| !before.lines().any(|known| known == *line))
            .map(|line| line.trim().to_owned())
            .collect()
    }

    #[test]
    fn each_file_gets_its_lines_and_nothing_else_changes() {
        let name = Name::parse("corner-shop").unwrap();
        let expected: [&[&str]; 5] = [
            &["connector-corner-shop = { path = \"shared/connectors/corner-shop\" }"],
            &["connector-corner-shop.workspace = true"],
            &[
                "use connector_corner_shop as corner_shop;",
                "name: \"corner-shop\",",
                "can: |_| &corner_shop::CAPABILITIES,",
                "make: |parts| Ok(only::<WORK, _>(corner_shop::CornerShop::new(&parts.config, parts.http.clone())?)),",
                "read: corner_shop::read,",
            ],
            &["pub mod corner_shop;"],
            &["mod corner_shop;"],
        ];
        for (edit, lines) in ALL.iter().zip(expected) {
            let before = real(edit.path);
            let after = (edit.apply)(&before, &name).unwrap();
            let added = added(&before, &after);
            assert!(lines.iter().all(|line| added.iter().any(|known| known == line)), "{}: {added:?}", edit.path);
            assert_eq!((edit.apply)(&after, &name).unwrap(), after, "{}: done twice", edit.path);
            let kept = before.lines().filter(|line| after.lines().any(|known| known == *line)).count();
            let changed = before.lines().count() - kept;
            assert!(changed <= usize::from(edit.path.ends_with("subjects.rs")) * 10, "{} lost lines", edit.path);
        }
    }

    #[test]
    fn a_line_lands_in_the_order_of_names() {
        let text = "[a]\nconnector-b = 1\nconnector-d = 1\n\n[z]\n";
        let with = |line: &str| among(text, "connector-", line).unwrap();
        assert_eq!(with("connector-a = 1"), "[a]\nconnector-a = 1\nconnector-b = 1\nconnector-d = 1\n\n[z]\n");
        assert_eq!(with("connector-c = 1"), "[a]\nconnector-b = 1\nconnector-c = 1\nconnector-d = 1\n\n[z]\n");
        assert_eq!(with("connector-e = 1"), "[a]\nconnector-b = 1\nconnector-d = 1\nconnector-e = 1\n\n[z]\n");
        assert_eq!(with("connector-b = 1"), text);
        assert!(among(text, "pub mod ", "pub mod a;").is_err());
    }

    #[test]
    fn the_list_of_subjects_grows_by_one_however_it_is_broken() {
        let name = Name::parse("acme").unwrap();
        for list in ["&[&a::A, &b::B];", "\n    &[&a::A, &b::B];", "&[\n    &a::A,\n    &b::B,\n];"] {
            let text = format!("mod a;\nmod b;\n\npub const SUBJECTS: &[&Subject] = {list}\n");
            let plain: String = subjects(&text, &name).unwrap().split_whitespace().collect();
            assert_eq!(plain, "moda;modacme;modb;pubconstSUBJECTS:&[&Subject]=&[&a::A,&b::B,&acme::ACME];");
        }
    }
}
