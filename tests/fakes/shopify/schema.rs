//! Shopify's own schema of the Admin API, read once in a process, and what is checked against it.

use std::io::Read;
use std::sync::{Arc, OnceLock};

use apollo_compiler::ast::{Document, Type};
use apollo_compiler::parser::Parser;
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};

use super::errors::Problem;
use crate::spec::specs_folder;
use serde_json::json;

/// Beside the other descriptions.
pub const SCHEMA: &str = "shopify/admin_2026-10.graphql.gz";

#[derive(Debug)]
pub struct AdminSchema(Valid<Schema>);

static READ: OnceLock<Option<Arc<AdminSchema>>> = OnceLock::new();

/// `None`, said once on stderr, where the schema is absent: then nothing is checked.
pub fn admin_schema() -> Option<Arc<AdminSchema>> {
    READ.get_or_init(|| {
        let read = specs_folder().map(|folder| folder.join(SCHEMA)).filter(|path| path.is_file());
        let Some(path) = read else {
            eprintln!("{SCHEMA} is not here: requests to Shopify's fake are not checked against its schema");
            return None;
        };
        match AdminSchema::read(&path) {
            Ok(schema) => Some(Arc::new(schema)),
            Err(reason) => {
                eprintln!("{SCHEMA}: {reason}");
                None
            }
        }
    })
    .clone()
}

impl AdminSchema {
    fn read(path: &std::path::Path) -> Result<Self, String> {
        let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
        let mut text = String::new();
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).map_err(|error| error.to_string())?;
        // Not validated itself: it breaks a rule about deprecated fields of interfaces.
        let schema = Parser::new().parse_schema(text, SCHEMA).map_err(|failed| failed.errors.to_string())?;
        Ok(Self(Valid::assume_valid(schema)))
    }

    pub fn schema(&self) -> &Schema {
        &self.0
    }

    pub(super) fn is_subtype(&self, of: &str, kind: &str) -> bool {
        self.0.is_subtype(of, kind)
    }

    /// The type of a field, e.g. of ("Order", "name").
    pub fn field(&self, kind: &str, field: &str) -> Option<&Type> {
        self.0.type_field(kind, field).ok().map(|field| &field.ty)
    }

    pub fn kind(&self, name: &str) -> Option<&ExtendedType> {
        self.0.types.get(name)
    }

    pub(super) fn input(&self, name: &str) -> Option<&InputObjectType> {
        self.0.get_input_object(name).map(|input| &**input)
    }

    /// What Shopify would say of the request before running it.
    pub(super) fn check(&self, document: &Document, text: &str) -> Vec<Problem> {
        let operation = document.definitions.iter().find_map(|definition| definition.as_operation_definition());
        let prefix = operation.map_or_else(String::new, |operation| match &operation.name {
            Some(name) => format!("{} {name}", operation.operation_type),
            None => operation.operation_type.to_string(),
        });
        match ExecutableDocument::parse_and_validate(&self.0, text, "query.graphql") {
            Ok(_) => Vec::new(),
            Err(failed) => failed
                .errors
                .iter()
                .map(|error| {
                    let error = error.to_json();
                    let location = error.locations.first().map(|at| (at.line, at.column));
                    in_shopifys_words(&error.message).at(location).path(&[&prefix])
                })
                .collect(),
        }
    }
}

/// The commonest of the compiler's messages as Shopify says them:
/// <https://shopify.dev/docs/api/admin-graphql/latest#status-and-error-codes>.
fn in_shopifys_words(message: &str) -> Problem {
    let named: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match *named.as_slice() {
        [kind, field] if message.contains("does not have a field") => {
            Problem::new(format!("Field '{field}' doesn't exist on type '{kind}'"))
                .code("undefinedField")
                .with("typeName", json!(kind))
                .with("fieldName", json!(field))
        }
        [coordinate, ..] if message.contains("required argument") => {
            let (field, argument) = coordinate.split_once('(').unwrap_or((coordinate, ""));
            let field = field.rsplit('.').next().unwrap_or(field);
            let argument = argument.trim_end_matches([')', ':']);
            Problem::new(format!("Field '{field}' is missing required arguments: {argument}"))
                .code("missingRequiredArguments")
        }
        [name, ..] if message.contains("unused variable") => {
            let name = name.trim_start_matches('$');
            Problem::new(format!("Variable ${name} is declared by anonymous mutation but not used"))
                .code("variableNotUsed")
        }
        _ => Problem::new(message).code("invalidRequest"),
    }
}
