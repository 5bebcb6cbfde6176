//! What API Gateway adds to a request: the stage in its path, and who is signed in.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{Extensions, Uri};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Error, RequestExt};
use url::Url;

/// Takes the stage away that `lambda_http` puts (or leaves) in front of a REST API's path.
pub(crate) fn without_stage(mut request: lambda_http::Request) -> lambda_http::Request {
    if let Some(RequestContext::ApiGatewayV1(context)) = request.request_context_ref()
        && let Some(stage) = &context.stage
        && let Some(uri) = shortened(request.uri(), stage)
    {
        *request.uri_mut() = uri;
    }
    request
}

fn shortened(uri: &Uri, stage: &str) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix('/')?.strip_prefix(stage)?;
    let rest: PathAndQuery = match rest.chars().next() {
        Some('/') => rest.parse().ok()?,
        None | Some('?') => format!("/{rest}").parse().ok()?,
        Some(_) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(rest);
    Uri::from_parts(parts).ok()
}

/// The answer with its body as API Gateway takes it: every body here is text.
pub(crate) async fn as_text(answer: axum::response::Response) -> Result<lambda_http::Response<Body>, Error> {
    let (head, body) = answer.into_parts();
    let text = String::from_utf8(axum::body::to_bytes(body, usize::MAX).await?.into())?;
    Ok(lambda_http::Response::from_parts(head, Body::Text(text)))
}

/// A claim of the caller's token, which API Gateway has checked; always a text.
pub(crate) fn claim<'a>(extensions: &'a Extensions, name: &str) -> Option<&'a str> {
    let authorizer = extensions.get::<RequestContext>().and_then(RequestContext::authorizer)?;
    authorizer.fields.get("claims")?.get(name)?.as_str()
}

/// The signed-in person, as an order's trace names them.
pub(crate) struct Caller(pub String);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(claim(&parts.extensions, "email").unwrap_or("Somebody").to_owned()))
    }
}

/// The API's own address, as the caller reached it.
pub(crate) struct Place(Option<Url>);

impl Place {
    /// `None`: the request did not say where it was sent.
    pub fn join(&self, path: &str) -> Option<Url> {
        self.0.as_ref()?.join(path).ok()
    }
}

impl<S: Sync> FromRequestParts<S> for Place {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let Some(RequestContext::ApiGatewayV1(context)) = parts.extensions.get::<RequestContext>() else {
            return Ok(Self(None));
        };
        let (domain, stage) = (context.domain_name.as_deref(), context.stage.as_deref());
        Ok(Self(domain.zip(stage).and_then(|(domain, stage)| Url::parse(&format!("https://{domain}/{stage}/")).ok())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_is_taken_away_only_where_it_is_one() {
        let path = |uri: &str| shortened(&uri.parse().unwrap(), "v1").map(|uri| uri.to_string());
        assert_eq!(
            path("https://api.example/v1/orders?limit=2").as_deref(),
            Some("https://api.example/orders?limit=2")
        );
        assert_eq!(path("/v1").as_deref(), Some("/"));
        assert_eq!(path("/v1?limit=2").as_deref(), Some("/?limit=2"));
        assert_eq!(path("/v12/orders"), None);
        assert_eq!(path("/orders"), None);
    }
}
