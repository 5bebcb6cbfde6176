//! `login` and `logout`.

use std::io::{BufRead, IsTerminal, Write, stdin};

use secrecy::SecretString;
use url::Url;

use super::print;
use crate::api::client;
use crate::args::{Global, Login};
use crate::cognito::{Pool, Step, region_of};
use crate::error::Failure;
use crate::session::{Config, Folder, Session, address};

/// A new password and a code are the most that Cognito asks for.
const QUESTIONS: usize = 3;

pub async fn login(global: &Global, login: Login) -> Result<(), Failure> {
    let folder = Folder::find()?;
    let config = folder.config()?;
    let Some(url) = global.api.clone().or(config.api.clone()) else {
        return Err(Failure::Usage("Give `--api URL`: the stack's output `ApiUrl`.".to_owned()));
    };
    let url = address(&url)?;
    if login.with_token {
        let token = secret("ID token: ")?;
        folder.keep_session(&Session::given(url.to_string(), token))?;
        folder.keep_config(&Config { api: Some(url.to_string()), ..config })?;
        return print(&format!("The token for {url} is kept; it ends an hour after it was made."));
    }
    let (pool, config) = pool(&url, login, config)?;
    let email = match config.email.clone() {
        Some(email) => email,
        None => line("E-mail: ")?,
    };
    let client = client(&address(&pool.url)?)?;
    let mut step = pool.sign_in(&client, &email, &secret("Password: ")?).await?;
    for _ in 0..QUESTIONS {
        let question = match step {
            Step::Granted(tokens) => {
                folder.keep_session(&Session::of(url.to_string(), pool, tokens, None))?;
                folder.keep_config(&Config { api: Some(url.to_string()), email: Some(email.clone()), ..config })?;
                return print(&format!("Signed in to {url} as {email}."));
            }
            Step::Asks(question) => question,
        };
        let (field, asked) = match question.name.as_str() {
            "NEW_PASSWORD_REQUIRED" => ("NEW_PASSWORD", "New password (at least 14 characters): "),
            "SOFTWARE_TOKEN_MFA" => ("SOFTWARE_TOKEN_MFA_CODE", "Code of your authenticator: "),
            other => {
                return Err(Failure::SignIn(format!("Cognito asks for {other}, which this command cannot answer.")));
            }
        };
        step = pool.respond(&client, &question, field, &secret(asked)?).await?;
    }
    Err(Failure::SignIn("Cognito asks again and again.".to_owned()))
}

pub fn logout() -> Result<(), Failure> {
    let was_in = Folder::find()?.forget_session()?;
    print(if was_in { "Signed out." } else { "Nobody was signed in." })
}

/// What is given goes before what is remembered.
fn pool(url: &Url, login: Login, config: Config) -> Result<(Pool, Config), Failure> {
    let Some(client_id) = login.client_id.or(config.client_id) else {
        return Err(Failure::Usage("Give `--client-id ID`: the stack's output `UserPoolClientId`.".to_owned()));
    };
    let cognito_url = login.cognito_url.or(config.cognito_url);
    let region = login.region.or(config.region).or_else(|| url.host_str().and_then(region_of).map(str::to_owned));
    let pool = match (&cognito_url, &region) {
        (Some(cognito), _) => Pool { client_id: client_id.clone(), url: address(cognito)?.to_string() },
        (None, Some(region)) => Pool::of_region(client_id.clone(), region),
        (None, None) => return Err(Failure::Usage("Give `--region REGION`: that of the stack.".to_owned())),
    };
    let email = login.email.or(config.email);
    Ok((pool, Config { api: config.api, client_id: Some(client_id), region, cognito_url, email }))
}

/// Not shown while it is typed; the next line where nobody types.
fn secret(prompt: &str) -> Result<SecretString, Failure> {
    let typed = if stdin().is_terminal() { rpassword::prompt_password(prompt) } else { next_line() };
    filled(typed, prompt).map(SecretString::from)
}

fn line(prompt: &str) -> Result<String, Failure> {
    let mut shown = std::io::stderr().lock();
    let asked = shown.write_all(prompt.as_bytes()).and_then(|()| shown.flush());
    filled(asked.and_then(|()| next_line()), prompt)
}

fn next_line() -> std::io::Result<String> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    Ok(line)
}

fn filled(typed: std::io::Result<String>, prompt: &str) -> Result<String, Failure> {
    let typed = typed.map_err(|error| Failure::Here(format!("{prompt}{error}")))?;
    match typed.trim_end_matches(['\r', '\n']) {
        "" => Err(Failure::Usage(format!("{}: nothing was given.", prompt.trim_end_matches([':', ' '])))),
        given => Ok(given.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(region: Option<&str>, cognito_url: Option<&str>) -> Login {
        Login {
            email: None,
            client_id: Some("client".to_owned()),
            region: region.map(str::to_owned),
            cognito_url: cognito_url.map(str::to_owned),
            with_token: false,
        }
    }

    #[test]
    fn cognito_is_asked_where_it_was_said_remembered_or_named_by_the_api() {
        let aws: Url = "https://abc.execute-api.eu-west-1.amazonaws.com/v1".parse().unwrap();
        let own: Url = "https://api.shop.example/v1".parse().unwrap();
        let asked = |url: &Url, login, config| pool(url, login, config).map(|(pool, _)| pool.url);
        assert_eq!(
            asked(&aws, given(None, None), Config::default()).unwrap(),
            "https://cognito-idp.eu-west-1.amazonaws.com/"
        );
        let remembered = || Config { region: Some("us-east-1".to_owned()), ..Config::default() };
        assert_eq!(
            asked(&own, given(None, None), remembered()).unwrap(),
            "https://cognito-idp.us-east-1.amazonaws.com/"
        );
        assert_eq!(
            asked(&own, given(Some("eu-central-1"), None), remembered()).unwrap(),
            "https://cognito-idp.eu-central-1.amazonaws.com/"
        );
        let local = given(None, Some("http://127.0.0.1:4566"));
        assert_eq!(asked(&own, local, remembered()).unwrap(), "http://127.0.0.1:4566/");
        assert!(matches!(asked(&own, given(None, None), Config::default()), Err(Failure::Usage(_))));
        let open = given(None, Some("http://cognito.example"));
        assert!(matches!(asked(&own, open, Config::default()), Err(Failure::Usage(_))));
    }
}
