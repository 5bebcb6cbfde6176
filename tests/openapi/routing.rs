//! Which function gets a request: what API Gateway makes of the template's routes, and what each function says it serves.

use yaml_serde::Value;

use crate::document;

/// One route of the template.
struct Route {
    function: String,
    method: String,
    path: String,
}

/// The routes of the template's API, without those of platforms.
fn routes() -> Vec<Route> {
    let template: Value = yaml_serde::from_str(include_str!("../../template.yaml")).unwrap();
    let text = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
    let mut found = Vec::new();
    for (_, resource) in template["Resources"].as_mapping().unwrap() {
        let Some(events) = resource["Properties"].get("Events").and_then(Value::as_mapping) else { continue };
        for (_, event) in events.iter().filter(|(_, event)| event["Type"] == "Api") {
            let route = &event["Properties"];
            found.push(Route {
                function: text(&resource["Metadata"]["BuildProperties"], "Binary"),
                method: text(route, "Method").to_lowercase(),
                path: text(route, "Path"),
            });
        }
    }
    found
}

/// How closely a route names a path, segment by segment; `None`: not at all.
fn names(route: &str, path: &str) -> Option<Vec<u8>> {
    let mut path = path.split('/');
    let mut closeness = Vec::new();
    for part in route.split('/') {
        let asked = path.next()?;
        match part {
            _ if part.ends_with("+}") => return Some([closeness, vec![0]].concat()),
            _ if part.starts_with('{') => closeness.push(1),
            _ if part == asked => closeness.push(2),
            _ => return None,
        }
    }
    path.next().is_none().then_some(closeness)
}

/// The function that API Gateway calls: of the routes with the verb, that of the path named most closely.
fn function_of<'a>(routes: &'a [Route], method: &str, path: &str) -> Option<&'a str> {
    let fitting = routes.iter().filter(|route| route.method == method);
    let named = fitting.filter_map(|route| Some((names(&route.path, path)?, route.function.as_str())));
    named.max().map(|(_, function)| function)
}

#[test]
fn every_route_comes_to_the_function_that_serves_it() {
    let routes = routes();
    let mut served = 0;
    for (function, described) in document::functions() {
        for (method, path, _) in document::operations(&described) {
            let path = path.replace("{listing}", "a/b").replace(['{', '}'], "~");
            assert_eq!(function_of(&routes, method, &path), Some(function), "{method} {path}");
            served += 1;
        }
    }
    assert!(served > 40, "{served}");
}

/// A browser's question comes to a function that answers it for every path.
#[test]
fn what_a_browser_asks_beforehand_comes_to_a_function_of_the_api() {
    let routes = routes();
    let document = document::whole();
    for (_, path, _) in document::operations(&document) {
        let function = function_of(&routes, "options", &path.replace(['{', '}'], "~"));
        assert!(matches!(function, Some("serve-api" | "report-sales")), "{path}: {function:?}");
    }
}

#[test]
fn the_closest_name_of_a_path_is_found() {
    assert_eq!(names("/orders/{id}", "/orders/1"), Some(vec![2, 2, 1]));
    assert_eq!(names("/orders/counts", "/orders/counts"), Some(vec![2, 2, 2]));
    assert_eq!(names("/orders/{id}", "/orders/1/sync"), None);
    assert_eq!(names("/orders/{id}/sync", "/orders/1"), None);
    assert_eq!(names("/{proxy+}", "/orders/1/sync"), Some(vec![2, 0]));
    assert_eq!(names("/{proxy+}", ""), None);
}
