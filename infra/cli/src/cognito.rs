//! Signing in at Cognito and renewing the access, over its plain HTTP API.
//!
//! <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html>,
//! <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html>

use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::Failure;

/// Who asks where: the pool's client, and the address of Cognito in its region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    pub client_id: String,
    pub url: String,
}

/// What Cognito grants.
#[derive(Debug)]
pub struct Tokens {
    pub id_token: SecretString,
    /// A renewal brings none.
    pub refresh_token: Option<SecretString>,
    pub seconds: i64,
}

/// What Cognito says to a sign-in.
#[derive(Debug)]
pub enum Step {
    Granted(Tokens),
    /// It wants to know one thing more.
    Asks(Question),
}

#[derive(Debug)]
pub struct Question {
    pub name: String,
    /// Who signs in, as Cognito names them.
    user: String,
    session: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    authentication_result: Option<Granted>,
    challenge_name: Option<String>,
    session: Option<String>,
    #[serde(default)]
    challenge_parameters: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Granted {
    id_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: i64,
}

#[derive(Deserialize)]
struct Refusal {
    message: Option<String>,
}

impl Pool {
    pub fn of_region(client_id: String, region: &str) -> Self {
        Self { client_id, url: format!("https://cognito-idp.{region}.amazonaws.com/") }
    }

    pub async fn sign_in(&self, client: &Client, email: &str, password: &SecretString) -> Result<Step, Failure> {
        let parameters = json!({ "USERNAME": email, "PASSWORD": password.expose_secret() });
        let asked =
            json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": self.client_id, "AuthParameters": parameters });
        let answer = self.call(client, "InitiateAuth", &asked).await?;
        Self::step(answer, email)
    }

    pub async fn renew(&self, client: &Client, refresh_token: &SecretString) -> Result<Tokens, Failure> {
        let parameters = json!({ "REFRESH_TOKEN": refresh_token.expose_secret() });
        let asked =
            json!({ "AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": self.client_id, "AuthParameters": parameters });
        match Self::step(self.call(client, "InitiateAuth", &asked).await?, "")? {
            Step::Granted(tokens) => Ok(tokens),
            Step::Asks(question) => Err(Failure::SignIn(format!("Cognito asks for {}.", question.name))),
        }
    }

    /// Answers a question: `field` is what Cognito calls the answer.
    pub async fn respond(
        &self,
        client: &Client,
        question: &Question,
        field: &str,
        value: &SecretString,
    ) -> Result<Step, Failure> {
        let asked = json!({
            "ChallengeName": question.name,
            "ClientId": self.client_id,
            "Session": question.session,
            "ChallengeResponses": { "USERNAME": question.user, field: value.expose_secret() },
        });
        let answer = self.call(client, "RespondToAuthChallenge", &asked).await?;
        Self::step(answer, &question.user)
    }

    fn step(answer: Answer, user: &str) -> Result<Step, Failure> {
        if let Some(granted) = answer.authentication_result {
            let token = granted.id_token.ok_or_else(|| Failure::SignIn("Cognito gave no ID token.".to_owned()))?;
            return Ok(Step::Granted(Tokens {
                id_token: token.into(),
                refresh_token: granted.refresh_token.map(SecretString::from),
                seconds: granted.expires_in,
            }));
        }
        let name = answer.challenge_name.ok_or_else(|| Failure::SignIn("Cognito granted nothing.".to_owned()))?;
        let user = answer.challenge_parameters.get("USER_ID_FOR_SRP").and_then(Value::as_str).unwrap_or(user);
        Ok(Step::Asks(Question { name, user: user.to_owned(), session: answer.session }))
    }

    async fn call(&self, client: &Client, action: &str, asked: &Value) -> Result<Answer, Failure> {
        let unanswered = |source: reqwest::Error| Failure::Unanswered {
            asked: format!("Cognito's {action}"),
            source: source.without_url(),
        };
        let request = client
            .post(&self.url)
            .header("x-amz-target", format!("AWSCognitoIdentityProviderService.{action}"))
            .header("content-type", "application/x-amz-json-1.1")
            .body(asked.to_string());
        let answer = request.send().await.map_err(unanswered)?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(unanswered)?;
        if !status.is_success() {
            let told = serde_json::from_slice::<Refusal>(&bytes).ok().and_then(|refusal| refusal.message);
            return Err(Failure::SignIn(told.unwrap_or_else(|| format!("Cognito answered {status}."))));
        }
        serde_json::from_slice(&bytes).map_err(|source| Failure::Odd { asked: format!("Cognito's {action}"), source })
    }
}

/// The region that an address of API Gateway names.
pub fn region_of(host: &str) -> Option<&str> {
    let (_, rest) = host.split_once(".execute-api.")?;
    rest.strip_suffix(".amazonaws.com").filter(|region| !region.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_stands_in_the_apis_address() {
        assert_eq!(region_of("abc.execute-api.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        for other in ["api.shop.example", "127.0.0.1", "abc.execute-api.localhost"] {
            assert_eq!(region_of(other), None, "{other}");
        }
    }
}
