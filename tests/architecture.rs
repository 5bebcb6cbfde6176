//! Guards the shape of the workspace: who may use whom, and what every source file keeps to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside #[test] functions are tests too")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Where a crate stands in the layout of docs/architecture.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Function,
    /// `shared/api`: the routes that several functions serve.
    Api,
    Runtime,
    Registry,
    Connector,
    App,
    Storage,
    Connect,
    Domain,
    /// `shared/json`: how JSON is read, whatever is in it.
    Json,
    /// `infra/cli`: on the other side of the API.
    Client,
    /// `infra/xtask`, the tests and the benchmark: they may use anything.
    Tool,
}

use Layer::{Api, App, Client, Connect, Connector, Domain, Function, Json, Registry, Runtime, Storage, Tool};

/// One crate with what its own code uses; what only its tests use is left out.
#[derive(Debug, Clone)]
struct Crate {
    name: String,
    layer: Layer,
    /// Crates of the workspace.
    uses: Vec<(String, Layer)>,
    /// Crates from elsewhere.
    outside: Vec<String>,
}

const fn may_use(layer: Layer) -> &'static [Layer] {
    match layer {
        // The last three for the types in the use cases' signatures; what is done is done by `app`.
        Function => &[Api, Runtime, App, Registry, Connect, Storage, Domain, Json],
        Api => &[Runtime, App, Connect, Storage, Domain, Json],
        Runtime => &[App, Connect, Storage, Domain, Json, Registry],
        Registry => &[Connector, Connect, Domain],
        Connector => &[Connect, Domain, Json],
        App => &[Connect, Storage, Domain],
        Storage | Connect => &[Domain, Json],
        Domain | Json | Client => &[],
        Tool => &[Function, Api, Runtime, Registry, Connector, App, Storage, Connect, Domain, Json, Tool],
    }
}

/// Crates that hold, read or describe data, and do nothing else.
const DATA_CRATES: [&str; 10] = [
    "icu_normalizer",
    "iso_currency",
    "jiff",
    "rust_decimal",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
    "ulid",
    "utoipa",
];

/// Why a crate from elsewhere has no place in a layer.
fn forbidden(layer: Layer, outside: &str) -> Option<&'static str> {
    let aws = outside.starts_with("aws-") || outside.starts_with("aws_");
    let lambda = outside.starts_with("lambda_") || outside == "aws_lambda_events";
    let network = ["reqwest", "hyper", "hyper-util", "ureq", "isahc"].contains(&outside);
    match layer {
        Domain => (!DATA_CRATES.contains(&outside)).then_some("the domain uses data crates only"),
        Json => (!["serde", "serde_json"].contains(&outside)).then_some("JSON is read with serde alone"),
        Storage => {
            (lambda || aws && outside != "aws-sdk-dynamodb").then_some("storage knows DynamoDB and nothing else of AWS")
        }
        Function | Api if aws && !lambda => Some("only `runtime` and `storage` know AWS"),
        Connector | Registry | App | Connect if aws || lambda => {
            Some("only functions, `runtime` and `storage` know AWS")
        }
        Client => (aws || lambda).then_some("the command line talks to the API and to nothing of AWS"),
        Tool | Connect => None,
        Connector | Registry | App | Runtime | Function | Api => {
            network.then_some("the one HTTP client is that of `connect`")
        }
    }
}

/// Every way in which the crates do not keep to the rules.
fn offences(crates: &[Crate]) -> Vec<String> {
    let mut found = Vec::new();
    for one in crates {
        for (used, layer) in &one.uses {
            if !may_use(one.layer).contains(layer) {
                found.push(format!("{} ({:?}) uses {used} ({layer:?})", one.name, one.layer));
            }
        }
        for outside in &one.outside {
            if let Some(why) = forbidden(one.layer, outside) {
                found.push(format!("{} ({:?}) uses {outside}: {why}", one.name, one.layer));
            }
        }
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The layer of a crate by its folder; `None`: a place that the layout does not know.
fn layer_of(folder: &Path) -> Option<Layer> {
    let parts: Vec<&str> = folder.iter().filter_map(|part| part.to_str()).collect();
    Some(match parts[..] {
        ["functions", _] => Function,
        ["shared", "api"] => Api,
        ["shared", "runtime"] => Runtime,
        ["shared", "registry"] => Registry,
        ["shared", "connectors", _] => Connector,
        ["shared", "app"] => App,
        ["shared", "storage"] => Storage,
        ["shared", "connect"] => Connect,
        ["shared", "domain"] => Domain,
        ["shared", "json"] => Json,
        ["infra", "cli"] => Client,
        ["infra" | "tests", ..] => Tool,
        _ => return None,
    })
}

fn workspace() -> Vec<Crate> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let folder = |manifest: &Path| manifest.parent().unwrap().strip_prefix(root()).unwrap().to_owned();
    let layer = |folder: &Path| layer_of(folder).unwrap_or_else(|| panic!("{} has no layer", folder.display()));
    let read = metadata.packages.iter().map(|package| {
        let used = || package.dependencies.iter().filter(|used| used.kind != DependencyKind::Development);
        let inside = used().filter_map(|used| Some((used.name.clone(), used.path.as_ref()?)));
        Crate {
            name: package.name.to_string(),
            layer: layer(&folder(package.manifest_path.as_std_path())),
            uses: inside.map(|(name, path)| (name, layer(path.as_std_path().strip_prefix(root()).unwrap()))).collect(),
            outside: used().filter(|used| used.path.is_none()).map(|used| used.name.clone()).collect(),
        }
    });
    read.collect()
}

#[test]
fn every_crate_uses_only_what_its_layer_may() {
    let crates = workspace();
    for layer in [Function, Api, Runtime, Registry, Connector, App, Storage, Connect, Domain, Json, Client, Tool] {
        assert!(crates.iter().any(|one| one.layer == layer), "there is no {layer:?}: is the layout read rightly?");
    }
    let alone = [Domain, Json, Client, Tool];
    assert!(crates.iter().all(|one| !one.uses.is_empty() || alone.contains(&one.layer)));
    assert_eq!(offences(&crates), Vec::<String>::new());
}

/// Every rule can fail: each layer is given all that it must not have.
#[test]
fn a_crate_that_uses_what_it_may_not_is_named() {
    let layers = [Function, Api, Runtime, Registry, Connector, App, Storage, Connect, Domain, Json, Client];
    let allowed: usize = layers.iter().map(|layer| may_use(*layer).len()).sum();
    let all: Vec<(String, Layer)> = layers.iter().map(|layer| (format!("{layer:?}").to_lowercase(), *layer)).collect();
    let made_up = |layer: Layer, uses: Vec<(String, Layer)>, outside: &[&str]| Crate {
        name: "made-up".to_owned(),
        layer,
        uses,
        outside: outside.iter().map(|name| (*name).to_owned()).collect(),
    };
    let crates: Vec<Crate> = layers.iter().map(|layer| made_up(*layer, all.clone(), &[])).collect();
    assert_eq!(offences(&crates).len(), layers.len() * layers.len() - allowed);

    let said = |layer, uses: &[(&str, Layer)], outside: &[&str]| {
        let uses = uses.iter().map(|(name, layer)| ((*name).to_owned(), *layer)).collect();
        offences(&[made_up(layer, uses, outside)])
    };
    assert_eq!(
        said(Connector, &[("connector-b", Connector)], &["aws-sdk-sqs"]),
        [
            "made-up (Connector) uses connector-b (Connector)",
            "made-up (Connector) uses aws-sdk-sqs: only functions, `runtime` and `storage` know AWS"
        ]
    );
    assert_eq!(said(Storage, &[("tributary-connect", Connect)], &["aws-sdk-dynamodb"]).len(), 1);
    for (layer, outside) in [
        (Domain, "tokio"),
        (Domain, "reqwest"),
        (Json, "jiff"),
        (Connect, "aws-config"),
        (Connector, "reqwest"),
        (Registry, "lambda_runtime"),
        (App, "aws-sdk-sqs"),
        (App, "reqwest"),
        (Storage, "aws-sdk-sqs"),
        (Storage, "aws_lambda_events"),
        (Runtime, "reqwest"),
        (Function, "aws-sdk-dynamodb"),
        (Function, "hyper"),
        (Client, "aws-sdk-cognitoidentityprovider"),
        (Client, "lambda_http"),
    ] {
        assert_eq!(said(layer, &[], &[outside]).len(), 1, "{layer:?} {outside}");
    }
    for (layer, outside) in [
        (Domain, "rust_decimal"),
        (Json, "serde_json"),
        (Connect, "reqwest"),
        (Connector, "serde"),
        (Storage, "aws-sdk-dynamodb"),
        (Runtime, "aws-sdk-sqs"),
        (Function, "lambda_http"),
        (Client, "reqwest"),
        (Tool, "reqwest"),
    ] {
        assert_eq!(said(layer, &[], &[outside]), Vec::<String>::new());
    }
    assert_eq!(layer_of(Path::new("shared/helpers")), None);
    assert_eq!(layer_of(Path::new("shared/connectors/ebay")), Some(Connector));
}

/// Longer than this needs a reason.
const MOST_LINES: usize = 400;

/// Files that may be longer, each with its reason.
const LONGER: [(&str, &str); 0] = [];

/// A source file by its path from the root.
type Source = (String, String);

/// Every way in which the files do not keep to the rules.
fn faults(files: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        if !text.starts_with("//! ") {
            found.push(format!("{path} does not open with a `//!` line that says its job"));
        }
        let lines = text.lines().count();
        match LONGER.iter().find(|(longer, _)| longer == path) {
            None if lines > MOST_LINES => found.push(format!("{path} has {lines} lines")),
            Some(_) if lines <= MOST_LINES => found.push(format!("{path} is no longer too long: take it off the list")),
            _ => {}
        }
        for word in ["todo", "unimplemented"] {
            if uses(text, &format!("{word}!")) {
                found.push(format!("{path} uses {word}!"));
            }
        }
        if path.starts_with("shared/domain/src/") {
            for word in ["f64", "f32"] {
                if uses(text, word) {
                    found.push(format!("{path} uses {word}: money and rates are decimal"));
                }
            }
        }
    }
    found
}

/// Whether the code, comments left out, holds the word by itself or as the suffix of a number.
fn uses(text: &str, word: &str) -> bool {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).any(|code| {
        code.match_indices(word).any(|(at, _)| {
            let goes_on = |c: char| c.is_alphanumeric() || c == '_';
            let is_part = code[..at].chars().next_back().is_some_and(char::is_alphabetic);
            !is_part && !code[at + word.len()..].chars().next().is_some_and(goes_on)
        })
    })
}

fn sources() -> Vec<Source> {
    let root = root();
    let mut folders = vec![root.join("functions"), root.join("shared"), root.join("infra"), root.join("tests")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            // Build folders: cargo marks each with this file.
            if path.is_dir() && !path.join("CACHEDIR.TAG").exists() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_source_file_keeps_to_the_house_rules() {
    let files = sources();
    assert!(files.len() > 100, "only {} files were found", files.len());
    assert_eq!(faults(&files), Vec::<String>::new());
}

#[test]
fn a_file_that_breaks_a_rule_is_named() {
    let file = |path: &str, text: &str| faults(&[(path.to_owned(), text.to_owned())]).len();
    let good = "//! Its job.\nfn a() {}\n";
    assert_eq!(file("shared/app/src/a.rs", good), 0);
    assert_eq!(file("shared/app/src/a.rs", "fn a() {}\n"), 1);
    assert_eq!(file("shared/app/src/a.rs", &format!("//! Its job.\n{}", "x\n".repeat(MOST_LINES - 1))), 0);
    assert_eq!(file("shared/app/src/a.rs", &format!("//! Its job.\n{}", "x\n".repeat(MOST_LINES))), 1);
    for word in ["todo", "unimplemented"] {
        assert_eq!(file("shared/app/src/a.rs", &format!("{good}fn b() {{ {word}!() }}\n")), 1, "{word}");
        assert_eq!(file("shared/app/src/a.rs", &format!("{good}// {word}! is forbidden\n")), 0, "{word}");
    }
    for (line, count) in [("x: f64", 1), ("-> f32 {", 1), ("0.5_f64", 1), ("// f64", 0), ("buf64", 0), ("f64x", 0)] {
        assert_eq!(file("shared/domain/src/a.rs", &format!("{good}{line}\n")), count, "{line}");
    }
    assert_eq!(file("shared/app/src/a.rs", &format!("{good}x: f64\n")), 0);
}

/// A reader of one connector knows where to look in every other.
#[test]
fn every_connector_has_the_same_files() {
    let connectors = std::fs::read_dir(root().join("shared/connectors")).unwrap();
    let mut seen = 0;
    for folder in connectors.map(|entry| entry.unwrap().path()).filter(|path| path.join("Cargo.toml").exists()) {
        assert_eq!(missing(&folder), Vec::<String>::new(), "{}", folder.display());
        seen += 1;
    }
    assert_eq!(seen, workspace().iter().filter(|one| one.layer == Connector).count());
    assert!(!missing(&root().join("shared/domain")).is_empty(), "no folder could fail");
}

/// The files that a connector's folder lacks. The mapping may be one file or one for each role.
fn missing(folder: &Path) -> Vec<String> {
    let names =
        ["README.md", "src/lib.rs", "src/config.rs", "src/auth.rs", "src/api.rs", "src/wire.rs", "src/error.rs"];
    let mut missing: Vec<String> =
        names.iter().filter(|name| !folder.join(name).is_file()).map(|name| (*name).to_owned()).collect();
    let roles: BTreeSet<&str> = ["src/map.rs", "src/map_channel.rs", "src/map_store.rs"].into();
    if !roles.iter().any(|name| folder.join(name).is_file()) {
        missing.push("src/map.rs".to_owned());
    }
    missing
}

/// Without it a crate would quietly have lints of its own.
#[test]
fn every_crate_has_the_workspaces_lints() {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    for package in metadata.packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} lacks the workspace's lints", package.name);
    }
}
