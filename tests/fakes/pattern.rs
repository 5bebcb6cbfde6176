//! Which requests a fault or a count is about: `"POST */orders"`, `"*/orders/*"`, `"*"`.

use axum::http::Method;

/// A method and a path with `*` for any run of characters. Without a method it covers all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    method: Option<Method>,
    path: String,
}

impl Pattern {
    pub fn any() -> Self {
        Self { method: None, path: "*".to_owned() }
    }

    pub fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method) && glob(&self.path, path)
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        match text.split_once(' ') {
            Some((method, path)) => {
                Self { method: Method::from_bytes(method.as_bytes()).ok(), path: path.trim().to_owned() }
            }
            None => Self { method: None, path: text.to_owned() },
        }
    }
}

fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_a_method_and_a_path() {
        let creates = Pattern::from("POST */orders");
        assert!(creates.matches(&Method::POST, "/wp-json/wc/v3/orders"));
        assert!(!creates.matches(&Method::GET, "/wp-json/wc/v3/orders"));
        assert!(!creates.matches(&Method::POST, "/wp-json/wc/v3/orders/12/refunds"));
        assert!(Pattern::from("*/orders/*").matches(&Method::PUT, "/wp-json/wc/v3/orders/12"));
        assert!(!Pattern::from("/exact").matches(&Method::GET, "/exact/ly"));
        assert!(Pattern::any().matches(&Method::GET, "/"));
    }
}
