//! Builds the functions with the `local` profile and deploys `template.yaml` to an instance.

use crate::emulator::aim_at;
use crate::instance::{Instance, State};
use crate::process::output;
use crate::progress::Progress;
use crate::workspace::{Workspace, make_folder};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use yaml_serde::Value;

pub const STACK: &str = "tributary";
const USER: &str = "owner@example.com";

/// Builds one `bootstrap` per function. Each is named with `-p`, or the features of tests would be built in.
pub fn build(workspace: &Workspace, instance: &Instance, progress: Progress) -> Result<()> {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    if output(Command::new(&compiler).arg("--version")).is_err() {
        bail!(
            "A C compiler is missing: install one so that `cc` runs (on Debian and Ubuntu: apt-get install build-essential)."
        );
    }
    progress.step("Build the functions", |step| {
        let mut command = Command::new("cargo");
        command.args(["build", "--profile", "local", "--bins"]).current_dir(&workspace.root);
        for function in &workspace.functions {
            command.args(["-p", function]);
        }
        step.run(&mut command, &instance.log("build"))
    })?;
    for function in &workspace.functions {
        let folder = instance.path("functions").join(function);
        make_folder(&folder)?;
        let (from, to) = (workspace.binary(function), folder.join("bootstrap"));
        std::fs::copy(&from, &to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    }
    Ok(())
}

/// Deploys with AWS's own command, as one deploys to AWS.
pub fn deploy(
    workspace: &Workspace,
    instance: &Instance,
    state: &State,
    aws_programs: &Path,
    progress: Progress,
) -> Result<()> {
    let template = point_at_built_functions(workspace, instance)?;
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let parameters =
        [format!("OwnerEmail={USER}"), "AllowPrivateHosts=true".to_owned(), format!("Architecture={architecture}")];
    progress.step("Deploy the template", |step| {
        let mut command = Command::new(aws_programs.join("sam"));
        command
            .args(["deploy", "--stack-name", STACK, "--resolve-s3", "--capabilities", "CAPABILITY_IAM"])
            .args(["--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar", "--template-file"])
            .arg(&template)
            .arg("--parameter-overrides")
            .args(&parameters)
            .current_dir(instance.path("home"));
        step.run(aim_at(&mut command, state, instance), &instance.log("deploy"))
    })
}

/// What `infra/local/stack.py` prints.
#[derive(Debug, Deserialize)]
pub struct Described {
    pub outputs: BTreeMap<String, String>,
    pub token: String,
}

/// The stack's outputs, and a fresh token of the one user (made on first use).
pub fn describe(
    workspace: &Workspace,
    instance: &Instance,
    state: &State,
    emulator_programs: &Path,
) -> Result<Described> {
    let mut command = Command::new(emulator_programs.join("python"));
    command.arg(workspace.infra("stack.py")).args([STACK, "--user", USER]);
    let answer = output(aim_at(&mut command, state, instance))?;
    serde_json::from_str(&answer).context("stack.py answers oddly")
}

/// A function's logical id in the template: `import-order` is `ImportOrder`.
pub fn logical_id(function: &str) -> String {
    function
        .split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        })
        .collect()
}

/// Does what `sam build` does to the template: each function's code is the folder of its built binary.
fn point_at_built_functions(workspace: &Workspace, instance: &Instance) -> Result<PathBuf> {
    let path = workspace.template();
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = with_code(&text, &workspace.functions, &instance.path("functions"))?;
    let local = instance.path("functions/template.yaml");
    std::fs::write(&local, text).with_context(|| format!("cannot write {}", local.display()))?;
    Ok(local)
}

fn with_code(template: &str, functions: &[String], folder: &Path) -> Result<String> {
    let mut template: Value = yaml_serde::from_str(template).context("template.yaml is not YAML")?;
    let resources =
        template.get_mut("Resources").and_then(Value::as_mapping_mut).context("template.yaml has no resources")?;
    let mut found = BTreeSet::new();
    for (id, resource) in resources.iter_mut() {
        if resource.get("Type").and_then(Value::as_str) != Some("AWS::Serverless::Function") {
            continue;
        }
        let binary = ["Metadata", "BuildProperties", "Binary"]
            .iter()
            .try_fold(&*resource, |value, key| value.get(*key))
            .and_then(Value::as_str)
            .with_context(|| format!("{id:?} does not name its binary"))?
            .to_owned();
        let properties = resource.get_mut("Properties").and_then(Value::as_mapping_mut);
        let properties = properties.with_context(|| format!("{id:?} has no properties"))?;
        properties.insert("CodeUri".into(), folder.join(&binary).display().to_string().into());
        found.insert(binary);
    }
    let packages: BTreeSet<String> = functions.iter().cloned().collect();
    if found != packages {
        bail!("template.yaml has the functions {found:?}, and functions/ has {packages:?}");
    }
    Ok(yaml_serde::to_string(&template)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"
Resources:
  Queue: { Type: AWS::SQS::Queue }
  ImportOrder:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: import-order } }
    Properties:
      Role: !GetAtt ImportOrderRole.Arn
      FunctionName: !Sub "${AWS::StackName}-import-order"
"#;

    #[test]
    fn each_function_is_pointed_at_its_binary_and_nothing_else_changes() {
        let changed = with_code(TEMPLATE, &["import-order".to_owned()], Path::new("/built")).unwrap();
        let wanted: Value = yaml_serde::from_str(&format!("{TEMPLATE}      CodeUri: /built/import-order\n")).unwrap();
        assert_eq!(yaml_serde::from_str::<Value>(&changed).unwrap(), wanted);
    }

    #[test]
    fn a_function_without_a_package_is_refused() {
        let error = with_code(TEMPLATE, &[], Path::new("/built")).unwrap_err();
        assert!(error.to_string().contains("import-order"), "{error}");
    }

    #[test]
    fn the_template_has_exactly_the_packages_under_functions() {
        let workspace = Workspace::find().unwrap();
        let text = std::fs::read_to_string(workspace.template()).unwrap();
        with_code(&text, &workspace.functions, Path::new("/built")).unwrap();
        let template: Value = yaml_serde::from_str(&text).unwrap();
        for function in &workspace.functions {
            assert!(template["Resources"].get(logical_id(function)).is_some(), "{function}");
        }
    }
}
