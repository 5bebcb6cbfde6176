//! `cargo xtask new-connector`: lays a small working channel of a made-up platform, to be turned into a real one.

mod edits;
mod name;
mod trial;

use crate::process::run as run_command;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

pub use name::Name;
pub use trial::run as try_it;

/// Every file that is laid: where, and what from. In each, path and text, the name stands for its placeholder.
const TEMPLATES: &[(&str, &str)] = &[
    ("shared/connectors/__kebab__/Cargo.toml", include_str!("new_connector/templates/connector/manifest.toml")),
    ("shared/connectors/__kebab__/README.md", include_str!("new_connector/templates/connector/README.md")),
    ("shared/connectors/__kebab__/src/lib.rs", include_str!("new_connector/templates/connector/lib.rs")),
    ("shared/connectors/__kebab__/src/config.rs", include_str!("new_connector/templates/connector/config.rs")),
    ("shared/connectors/__kebab__/src/auth.rs", include_str!("new_connector/templates/connector/auth.rs")),
    ("shared/connectors/__kebab__/src/api.rs", include_str!("new_connector/templates/connector/api.rs")),
    ("shared/connectors/__kebab__/src/wire.rs", include_str!("new_connector/templates/connector/wire.rs")),
    ("shared/connectors/__kebab__/src/map.rs", include_str!("new_connector/templates/connector/map.rs")),
    ("shared/connectors/__kebab__/src/error.rs", include_str!("new_connector/templates/connector/error.rs")),
    ("tests/fakes/__snake__/mod.rs", include_str!("new_connector/templates/fake/mod.rs")),
    ("tests/fakes/__snake__/answers.rs", include_str!("new_connector/templates/fake/answers.rs")),
    ("tests/fakes/__snake__/lists.rs", include_str!("new_connector/templates/fake/lists.rs")),
    ("tests/behaviour/subjects/__snake__.rs", include_str!("new_connector/templates/subject.rs")),
    ("docs/connecting/__kebab__.md", include_str!("new_connector/templates/connecting.md")),
];

/// The roots from which rustfmt reaches all that is laid and edited: how long the lines are depends on the name.
const FORMATTED: [&str; 4] = [
    "shared/connectors/__kebab__/src/lib.rs",
    "shared/registry/src/lib.rs",
    "tests/fakes/lib.rs",
    "tests/behaviour/main.rs",
];

/// What was written, by path from the root.
#[derive(Debug)]
pub struct Laid {
    pub files: Vec<String>,
    pub edited: Vec<String>,
}

impl Laid {
    /// What a person is told who laid it.
    pub fn told(&self, name: &Name) -> String {
        let list = |title: &str, paths: &[String]| -> Vec<String> {
            paths.iter().map(|path| format!("{title:<7} {path}")).collect()
        };
        let next = "Next    cargo test --profile local --workspace --test behaviour -- __kebab__::";
        let page = "Then    docs/connectors.md, \"Adding one\", from its step 2 on";
        [list("Laid", &self.files), list("Edited", &self.edited), vec![name.filled(next), page.to_owned()]]
            .concat()
            .join("\n")
    }
}

/// Lays the connector in the workspace at `root`. Whatever stands against it is found before anything is written.
pub fn lay(root: &Path, name: &Name) -> Result<Laid> {
    let (files, edits) = planned(root, name)?;
    for (path, text) in files.iter().chain(&edits) {
        let target = root.join(path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        fs::write(&target, text).with_context(|| format!("cannot write {path}"))?;
    }
    let roots = FORMATTED.map(|path| name.filled(path));
    run_command(Command::new("rustfmt").args(["--edition", "2024"]).args(roots).current_dir(root))?;
    let paths = |written: Vec<Text>| written.into_iter().map(|(path, _)| path).collect();
    Ok(Laid { files: paths(files), edited: paths(edits) })
}

/// A path from the root, and what is to stand there.
type Text = (String, String);

fn planned(root: &Path, name: &Name) -> Result<(Vec<Text>, Vec<Text>)> {
    let kebab = name.kebab();
    if root.join("shared/connectors").join(kebab).exists() {
        bail!("There is a connector `{kebab}` already: shared/connectors/{kebab}.");
    }
    let snake = name.snake();
    let taken = [format!("tests/fakes/{snake}"), format!("tests/fakes/{snake}.rs")].into_iter();
    let files: Vec<Text> = TEMPLATES.iter().map(|(path, text)| (name.filled(path), name.filled(text))).collect();
    if let Some(path) = taken.chain(files.iter().map(|(path, _)| path.clone())).find(|path| root.join(path).exists()) {
        bail!("{path} is there already and would be written over: remove it, or take another name.");
    }
    let is_code = |path: &str| Path::new(path).extension().is_some_and(|extension| extension == "rs");
    if let Some((path, _)) = TEMPLATES.iter().find(|(path, text)| is_code(path) && name.is_word_of(text)) {
        bail!("`{kebab}` is a word of the code itself ({}): take another name.", name.filled(path));
    }
    let edits = edits::ALL.iter().map(|edit| {
        let text = fs::read_to_string(root.join(edit.path)).with_context(|| format!("cannot read {}", edit.path))?;
        let edited = (edit.apply)(&text, name).with_context(|| format!("cannot edit {}", edit.path))?;
        Ok((edit.path.to_owned(), edited))
    });
    Ok((files, edits.collect::<Result<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn workspace() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn refused(root: &Path, text: &str) -> String {
        format!("{:#}", planned(root, &name(text)).unwrap_err())
    }

    /// A folder of its own with the files that are edited, and nothing else.
    fn bare(test: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("tributary-new-connector-{}-{test}", std::process::id()));
        for edit in edits::ALL {
            fs::create_dir_all(root.join(edit.path).parent().unwrap()).unwrap();
            fs::copy(workspace().join(edit.path), root.join(edit.path)).unwrap();
        }
        root
    }

    #[test]
    fn no_placeholder_is_left_in_any_path_or_text() {
        let (files, _) = planned(&workspace(), &name("corner-shop")).unwrap();
        assert_eq!(files.len(), TEMPLATES.len());
        for (path, text) in files {
            let left = ["__kebab__", "__snake__", "__Pascal__", "__UPPER__", "__Title__"]
                .iter()
                .any(|word| text.contains(word));
            assert!(!left && !path.contains("__"), "{path}");
        }
    }

    #[test]
    fn what_is_there_already_is_not_written_over() {
        assert_eq!(refused(&workspace(), "ebay"), "There is a connector `ebay` already: shared/connectors/ebay.");
        let end = " is there already and would be written over: remove it, or take another name.";
        assert_eq!(refused(&workspace(), "clock"), format!("tests/fakes/clock.rs{end}"));
        assert_eq!(refused(&workspace(), "dynamo"), format!("tests/fakes/dynamo{end}"));
        let root = bare("dirty");
        fs::create_dir_all(root.join("docs/connecting")).unwrap();
        fs::write(root.join("docs/connecting/corner-shop.md"), "mine").unwrap();
        assert_eq!(refused(&root, "corner-shop"), format!("docs/connecting/corner-shop.md{end}"));
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_name_that_would_not_compile_is_refused() {
        for text in ["window", "connect", "json"] {
            let refused = refused(&workspace(), text);
            assert!(refused.starts_with(&format!("`{text}` is a word of the code itself (")), "{refused}");
        }
    }

    /// Names between `before` and `after` on the lines of `code` from `opening` to the next closing brace in column 0.
    fn names<'a>(code: &'a str, opening: &str, before: &str, after: char) -> Vec<&'a str> {
        let body = code.split_once(opening).unwrap().1.split_once("\n}").unwrap().0;
        let named = body.lines().filter_map(|line| line.trim_start().strip_prefix(before)?.split_once(after));
        named.map(|(name, _)| name).collect()
    }

    #[test]
    fn the_page_names_every_method_and_every_capability() {
        let read = |path: &str| fs::read_to_string(workspace().join(path)).unwrap();
        let page = read("docs/connectors.md");
        let capabilities = read("shared/domain/src/capabilities.rs");
        for (file, role) in [("channel", "SalesChannel"), ("store", "MainStore")] {
            let code = read(&format!("shared/connect/src/{file}.rs"));
            let opening = format!("pub trait {role}: ");
            let methods = [names(&code, &opening, "fn ", '('), names(&code, &opening, "async fn ", '(')].concat();
            let shown = page.split_once(&format!("trait {role} {{")).unwrap().1.split_once("\n}").unwrap().0;
            let missing: Vec<_> = methods.iter().filter(|name| !shown.contains(&format!("fn {name}("))).collect();
            assert!(methods.len() > 10 && missing.is_empty(), "{role}: {missing:?}");
        }
        for role in ["ChannelCapabilities {", "StoreCapabilities {"] {
            let fields = names(&capabilities, &format!("pub struct {role}"), "pub ", ':');
            let missing: Vec<_> = fields.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
            assert!(fields.len() > 10 && missing.is_empty(), "{role}: {missing:?}");
        }
    }

    #[test]
    fn a_workspace_that_looks_otherwise_is_left_as_it_is() {
        let root = bare("otherwise");
        fs::write(root.join("shared/registry/src/lib.rs"), "use connector_a as a;\n").unwrap();
        let error = format!("{:#}", lay(&root, &name("corner-shop")).unwrap_err());
        assert_eq!(error, "cannot edit shared/registry/src/lib.rs: there is no list PLATFORMS");
        assert!(!root.join("shared/connectors").exists());
        fs::remove_dir_all(root).unwrap();
    }
}
