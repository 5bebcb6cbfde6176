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
/// Nobody on a laptop waits five minutes for a mail.
const ALERT_WINDOW: u32 = 10;

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
    let template = local_template(workspace, instance)?;
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let parameters = [
        format!("OwnerEmail={USER}"),
        "AllowPrivateHosts=true".to_owned(),
        format!("AlertWindowSeconds={ALERT_WINDOW}"),
        format!("Architecture={architecture}"),
    ];
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

/// The template as the local cloud takes it.
fn local_template(workspace: &Workspace, instance: &Instance) -> Result<PathBuf> {
    let path = workspace.template();
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut template: Value = yaml_serde::from_str(&text).context("template.yaml is not YAML")?;
    point_at_built_functions(&mut template, &workspace.functions, &instance.path("functions"))?;
    let mailing = let_mail_from_anywhere(&mut template);
    if mailing != 1 {
        bail!("template.yaml lets {mailing} roles send mails, and the local cloud is written for one");
    }
    let text = yaml_serde::to_string(&template)?;
    let local = instance.path("functions/template.yaml");
    std::fs::write(&local, text).with_context(|| format!("cannot write {}", local.display()))?;
    Ok(local)
}

/// Does what `sam build` does to the template: each function's code is the folder of its built binary.
fn point_at_built_functions(template: &mut Value, functions: &[String], folder: &Path) -> Result<()> {
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
    Ok(())
}

/// The emulator asks for the right to mail from every address and knows no other; on AWS the template's one address counts.
/// Counts the statements that were widened.
fn let_mail_from_anywhere(value: &mut Value) -> usize {
    match value {
        Value::Mapping(mapping) => {
            let mails = mapping.get("Action").and_then(Value::as_sequence);
            if mails.is_some_and(|actions| actions.iter().all(|action| action.as_str() == Some("ses:SendEmail"))) {
                mapping.insert("Resource".into(), "*".into());
                return 1;
            }
            mapping.iter_mut().map(|(_, value)| let_mail_from_anywhere(value)).sum()
        }
        Value::Sequence(values) => values.iter_mut().map(let_mail_from_anywhere).sum(),
        Value::Tagged(tagged) => let_mail_from_anywhere(&mut tagged.value),
        _ => 0,
    }
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
        let mut changed: Value = yaml_serde::from_str(TEMPLATE).unwrap();
        point_at_built_functions(&mut changed, &["import-order".to_owned()], Path::new("/built")).unwrap();
        let wanted: Value = yaml_serde::from_str(&format!("{TEMPLATE}      CodeUri: /built/import-order\n")).unwrap();
        assert_eq!(changed, wanted);
    }

    #[test]
    fn a_function_without_a_package_is_refused() {
        let mut template: Value = yaml_serde::from_str(TEMPLATE).unwrap();
        let error = point_at_built_functions(&mut template, &[], Path::new("/built")).unwrap_err();
        assert!(error.to_string().contains("import-order"), "{error}");
    }

    #[test]
    fn the_template_has_exactly_the_packages_under_functions() {
        let workspace = Workspace::find().unwrap();
        let text = std::fs::read_to_string(workspace.template()).unwrap();
        let mut template: Value = yaml_serde::from_str(&text).unwrap();
        point_at_built_functions(&mut template, &workspace.functions, Path::new("/built")).unwrap();
        for function in &workspace.functions {
            assert!(template["Resources"].get(logical_id(function)).is_some(), "{function}");
        }
    }

    /// What every role may do, statement by statement.
    fn statements(template: &Value) -> Vec<&Value> {
        let resources = template["Resources"].as_mapping().unwrap().values();
        let roles = resources.filter(|resource| resource["Type"].as_str() == Some("AWS::IAM::Role"));
        let policies = roles.filter_map(|role| role["Properties"]["Policies"].as_sequence()).flatten();
        policies.filter_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence()).flatten().collect()
    }

    #[test]
    fn no_role_may_do_something_everywhere_and_only_the_local_cloud_lets_mail_from_anywhere() {
        let workspace = Workspace::find().unwrap();
        let text = std::fs::read_to_string(workspace.template()).unwrap();
        let mut template: Value = yaml_serde::from_str(&text).unwrap();
        let everywhere = |template: &Value| -> Vec<Value> {
            let all = statements(template).into_iter();
            all.filter(|statement| statement["Resource"].as_str() == Some("*")).cloned().collect()
        };
        assert!(statements(&template).len() > 20);
        assert_eq!(everywhere(&template), Vec::<Value>::new(), "as it is deployed to AWS, whatever its parameters");
        assert_eq!(let_mail_from_anywhere(&mut template), 1);
        let [widened] = &everywhere(&template)[..] else { panic!("one statement") };
        assert_eq!(widened["Action"], yaml_serde::from_str::<Value>("[\"ses:SendEmail\"]").unwrap());
    }
}
