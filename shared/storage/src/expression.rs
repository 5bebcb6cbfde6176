//! Builds update, condition and key expressions; every `#name` stands for the attribute of that name.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// An update, a condition, or both.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expression {
    set: Vec<String>,
    remove: Vec<String>,
    add: Vec<String>,
    conditions: Vec<&'static str>,
    values: HashMap<String, AttributeValue>,
}

/// As the SDK wants it.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) update: Option<String>,
    pub(crate) condition: Option<String>,
    pub(crate) names: Option<HashMap<String, String>>,
    pub(crate) values: Option<HashMap<String, AttributeValue>>,
}

impl Expression {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Only if there is no item with this key.
    pub(crate) fn absent() -> Self {
        Self::new().only_if("attribute_not_exists(#pk)")
    }

    #[must_use]
    pub(crate) fn set(mut self, attribute: &'static str, value: AttributeValue) -> Self {
        self.set.push(format!("#{attribute} = :{attribute}"));
        self.values.insert(format!(":{attribute}"), value);
        self
    }

    /// Sets the attribute only if the item has none.
    #[must_use]
    pub(crate) fn set_if_absent(mut self, attribute: &'static str, value: AttributeValue) -> Self {
        self.set.push(format!("#{attribute} = if_not_exists(#{attribute}, :{attribute})"));
        self.values.insert(format!(":{attribute}"), value);
        self
    }

    #[must_use]
    pub(crate) fn remove(mut self, attribute: &'static str) -> Self {
        self.remove.push(format!("#{attribute}"));
        self
    }

    /// Sets the attribute, or removes it if there is no value.
    #[must_use]
    pub(crate) fn set_or_remove(self, attribute: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(attribute, value),
            None => self.remove(attribute),
        }
    }

    /// Adds to a number; an absent one counts as 0.
    #[must_use]
    pub(crate) fn add(mut self, attribute: &'static str, amount: u64) -> Self {
        self.add.push(format!("#{attribute} :add_{attribute}"));
        self.values.insert(format!(":add_{attribute}"), AttributeValue::N(amount.to_string()));
        self
    }

    /// Adds to a set of texts; an absent one counts as empty.
    #[must_use]
    pub(crate) fn add_texts(mut self, attribute: &'static str, texts: Vec<String>) -> Self {
        self.add.push(format!("#{attribute} :add_{attribute}"));
        self.values.insert(format!(":add_{attribute}"), AttributeValue::Ss(texts));
        self
    }

    /// A condition; several must all hold. Its `:values` are given by [`Expression::with`].
    #[must_use]
    pub(crate) fn only_if(mut self, condition: &'static str) -> Self {
        self.conditions.push(condition);
        self
    }

    #[must_use]
    pub(crate) fn with(mut self, placeholder: &'static str, value: AttributeValue) -> Self {
        self.values.insert(placeholder.to_owned(), value);
        self
    }

    pub(crate) fn is_conditional(&self) -> bool {
        !self.conditions.is_empty()
    }

    pub(crate) fn into_parts(self) -> Parts {
        let clause = |word: &str, parts: &[String]| (!parts.is_empty()).then(|| format!("{word} {}", parts.join(", ")));
        let clauses = [clause("SET", &self.set), clause("REMOVE", &self.remove), clause("ADD", &self.add)];
        let update = clauses.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let condition = match self.conditions.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            many => many.iter().map(|condition| format!("({condition})")).collect::<Vec<_>>().join(" AND "),
        };
        let names =
            names_in(&update).chain(names_in(&condition)).map(|name| (format!("#{name}"), name.to_owned())).collect();
        Parts {
            names: Some(names).filter(|names: &HashMap<_, _>| !names.is_empty()),
            values: Some(self.values).filter(|values| !values.is_empty()),
            update: Some(update).filter(|text| !text.is_empty()),
            condition: Some(condition).filter(|text| !text.is_empty()),
        }
    }
}

fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split('#').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_placeholder() {
        let expression = Expression::new()
            .set("ttl", AttributeValue::N("1".into()))
            .remove("u")
            .add("n", 5)
            .only_if("attribute_not_exists(#pk) OR #u < :now")
            .only_if("#f = :fence");
        let parts = expression.into_parts();
        assert_eq!(parts.update.as_deref(), Some("SET #ttl = :ttl REMOVE #u ADD #n :add_n"));
        assert_eq!(parts.condition.as_deref(), Some("(attribute_not_exists(#pk) OR #u < :now) AND (#f = :fence)"));
        let mut names: Vec<_> = parts.names.unwrap_or_default().into_values().collect();
        names.sort_unstable();
        assert_eq!(names, ["f", "n", "pk", "ttl", "u"]);
    }
}
