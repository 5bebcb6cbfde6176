//! A GraphQL request taken apart: its operation, its variables, its fragments, its fields as they are wanted.

use std::collections::BTreeMap;

use apollo_compiler::Node;
use apollo_compiler::ast::{
    Argument, Definition, DirectiveList, Document, Field, FragmentDefinition, OperationDefinition, OperationType,
    Selection, Value as Literal,
};
use apollo_compiler::parser::SourceMap;
use serde_json::{Map, Value, json};

use super::errors::Problem;
use super::schema::AdminSchema;

/// Stands for every type.
const ANY: &str = "*";

/// The three members of a request's body.
#[derive(Debug)]
pub(super) struct Request {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Map<String, Value>,
}

impl Request {
    pub fn read(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let query = body.get("query")?.as_str()?.to_owned();
        let operation_name = body.get("operationName").and_then(Value::as_str).map(str::to_owned);
        let variables = match body.get("variables") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(variables)) => variables.clone(),
            Some(_) => return None,
        };
        Some(Self { query, operation_name, variables })
    }
}

pub(super) fn parse(query: &str) -> Result<Document, Problem> {
    Document::parse(query, "query.graphql").map_err(|failed| {
        let found = failed.errors.iter().next();
        let location = found.as_ref().and_then(|error| error.to_json().locations.first().copied());
        let reason = found.map_or_else(String::new, |error| error.to_json().message);
        Problem::new(format!("syntax error: {reason}")).at(location.map(|at| (at.line, at.column)))
    })
}

/// The operation to run, and all that is needed to understand it.
#[derive(Debug)]
pub(super) struct Scope<'d> {
    pub operation: &'d OperationDefinition,
    pub schema: Option<&'d AdminSchema>,
    fragments: BTreeMap<&'d str, &'d FragmentDefinition>,
    variables: Map<String, Value>,
    sources: &'d SourceMap,
}

/// A field of the answer, merged where it is asked for more than once.
#[derive(Debug)]
pub(super) struct Wanted<'d> {
    /// Its name in the answer.
    pub key: String,
    pub field: &'d Node<Field>,
    pub selections: Vec<&'d Selection>,
}

impl<'d> Scope<'d> {
    pub fn new(document: &'d Document, request: &Request, schema: Option<&'d AdminSchema>) -> Result<Self, Problem> {
        let mut fragments = BTreeMap::new();
        let mut operations = Vec::new();
        for definition in &document.definitions {
            match definition {
                Definition::OperationDefinition(operation) => operations.push(&**operation),
                Definition::FragmentDefinition(fragment) => {
                    fragments.insert(fragment.name.as_str(), &**fragment);
                }
                _ => return Err(Problem::new("A request holds operations and fragments only")),
            }
        }
        let operation = match &request.operation_name {
            Some(name) => operations.iter().find(|known| known.name.as_ref().is_some_and(|own| own == name.as_str())),
            None if operations.len() == 1 => operations.first(),
            None => None,
        };
        let operation = operation.copied().ok_or_else(|| match &request.operation_name {
            Some(name) => Problem::new(format!("No operation named \"{name}\"")),
            None => Problem::new("An operation name is required"),
        })?;
        let mut scope =
            Self { operation, schema, fragments, variables: request.variables.clone(), sources: &document.sources };
        for variable in &operation.variables {
            if let (false, Some(default)) = (scope.variables.contains_key(&*variable.name), &variable.default_value) {
                let value = scope.literal(default).unwrap_or_default();
                scope.variables.insert(variable.name.to_string(), value);
            }
        }
        Ok(scope)
    }

    pub fn is_mutation(&self) -> bool {
        self.operation.operation_type == OperationType::Mutation
    }

    pub fn variables(&self) -> &Map<String, Value> {
        &self.variables
    }

    pub fn place<T>(&self, node: &Node<T>) -> Option<(usize, usize)> {
        node.line_column_range(self.sources).map(|range| (range.start.line, range.start.column))
    }

    pub fn root(&self) -> Vec<Wanted<'d>> {
        let kind = if self.is_mutation() { "Mutation" } else { "QueryRoot" };
        self.collect(&self.operation.selection_set.iter().collect::<Vec<_>>(), kind)
    }

    /// The fields that are wanted of an object of this type, in order.
    pub fn collect(&self, selections: &[&'d Selection], kind: &str) -> Vec<Wanted<'d>> {
        let mut wanted: Vec<Wanted<'d>> = Vec::new();
        self.collect_into(selections, kind, &mut wanted);
        wanted
    }

    fn collect_into(&self, selections: &[&'d Selection], kind: &str, wanted: &mut Vec<Wanted<'d>>) {
        for selection in selections {
            match selection {
                Selection::Field(field) if self.included(&field.directives) => {
                    let key = field.alias.as_ref().unwrap_or(&field.name).to_string();
                    match wanted.iter_mut().find(|known| known.key == key) {
                        Some(known) => known.selections.extend(&field.selection_set),
                        None => {
                            wanted.push(Wanted { key, field, selections: field.selection_set.iter().collect() });
                        }
                    }
                }
                Selection::InlineFragment(fragment)
                    if self.included(&fragment.directives)
                        && fragment.type_condition.as_ref().is_none_or(|condition| self.is_a(kind, condition)) =>
                {
                    self.collect_into(&fragment.selection_set.iter().collect::<Vec<_>>(), kind, wanted);
                }
                Selection::FragmentSpread(spread) if self.included(&spread.directives) => {
                    let fragment = self.fragments.get(spread.fragment_name.as_str());
                    if let Some(fragment) = fragment.filter(|fragment| self.is_a(kind, &fragment.type_condition)) {
                        self.collect_into(&fragment.selection_set.iter().collect::<Vec<_>>(), kind, wanted);
                    }
                }
                _ => {}
            }
        }
    }

    /// The fields of an object of whatever type.
    pub fn collect_all(&self, selections: &[&'d Selection]) -> Vec<Wanted<'d>> {
        self.collect(selections, ANY)
    }

    fn is_a(&self, kind: &str, condition: &str) -> bool {
        kind == ANY
            || kind == condition
            || match self.schema {
                Some(schema) => schema.is_subtype(condition, kind),
                None => condition == "Node" || kind.ends_with(condition) || condition == "PricingValue",
            }
    }

    fn included(&self, directives: &DirectiveList) -> bool {
        let condition = |name: &str| {
            let directive = directives.get(name)?;
            self.argument(&directive.arguments, "if")?.as_bool()
        };
        condition("skip") != Some(true) && condition("include") != Some(false)
    }

    /// The key of `@idempotent(key:)`.
    pub fn idempotency_key(&self, field: &Field) -> Option<String> {
        let directive = field.directives.get("idempotent")?;
        self.argument(&directive.arguments, "key")?.as_str().map(str::to_owned)
    }

    pub fn argument(&self, arguments: &[Node<Argument>], name: &str) -> Option<Value> {
        arguments.iter().find(|argument| argument.name == name).and_then(|argument| self.literal(&argument.value))
    }

    pub fn arguments(&self, field: &Field) -> Map<String, Value> {
        let given = |argument: &Node<Argument>| Some((argument.name.to_string(), self.literal(&argument.value)?));
        field.arguments.iter().filter_map(given).collect()
    }

    /// `None`: a variable that was not given, which is as if the argument were not there.
    fn literal(&self, literal: &Literal) -> Option<Value> {
        Some(match literal {
            Literal::Null => Value::Null,
            Literal::Enum(name) => json!(name.as_str()),
            Literal::Variable(name) => return self.variables.get(name.as_str()).cloned(),
            Literal::String(text) => json!(text),
            Literal::Boolean(value) => json!(value),
            Literal::Int(number) => serde_json::from_str(&number.to_string()).unwrap_or_default(),
            Literal::Float(number) => serde_json::from_str(&number.to_string()).unwrap_or_default(),
            Literal::List(items) => items.iter().filter_map(|item| self.literal(item)).collect(),
            Literal::Object(fields) => {
                let field =
                    |(name, value): &(_, Node<Literal>)| Some((ToString::to_string(name), self.literal(value)?));
                Value::Object(fields.iter().filter_map(field).collect::<Map<_, _>>())
            }
        })
    }
}
