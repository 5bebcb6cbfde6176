//! What is remembered between two commands: where the API is, and, in a file that only its owner can read, the access to it.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::cognito::{Pool, Tokens};
use crate::error::Failure;

/// Renewed so long before it ends: a request takes its time.
const MARGIN: SignedDuration = SignedDuration::from_mins(1);

/// The folder that all of it is kept in.
#[derive(Debug)]
pub struct Folder(PathBuf);

/// `config.json`: no secret, and may be written by hand.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Config {
    pub api: Option<String>,
    pub client_id: Option<String>,
    pub region: Option<String>,
    pub cognito_url: Option<String>,
    pub email: Option<String>,
}

/// The access to one API.
#[derive(Debug)]
pub struct Session {
    pub api: String,
    pub id_token: SecretString,
    /// `None`: nobody knows when it ends.
    ends_at: Option<Timestamp>,
    /// What it is renewed with; a token that was given cannot be.
    pub renewal: Option<(Pool, SecretString)>,
}

/// `session.json`, as it is written.
#[derive(Serialize, Deserialize)]
struct Kept {
    api: String,
    id_token: String,
    ends_at: Option<Timestamp>,
    renewal: Option<KeptRenewal>,
}

#[derive(Serialize, Deserialize)]
struct KeptRenewal {
    #[serde(flatten)]
    pool: Pool,
    refresh_token: String,
}

impl Session {
    pub fn given(api: String, token: SecretString) -> Self {
        Self { api, id_token: token, ends_at: None, renewal: None }
    }

    /// `earlier`: what renewed it, where the answer brings no new one.
    pub fn of(api: String, pool: Pool, tokens: Tokens, earlier: Option<SecretString>) -> Self {
        let ends_at = Timestamp::now().checked_add(SignedDuration::from_secs(tokens.seconds)).ok();
        let renewal = tokens.refresh_token.or(earlier).map(|refresh| (pool, refresh));
        Self { api, id_token: tokens.id_token, ends_at, renewal }
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| end.duration_since(now) < MARGIN)
    }
}

impl Folder {
    /// Where this system keeps a user's settings (`$XDG_CONFIG_HOME/tributary`, else `~/.config/tributary`).
    pub fn find() -> Result<Self, Failure> {
        let base = choose_base_strategy()
            .map_err(|_| Failure::Here("There is no home directory to keep settings in.".to_owned()))?;
        Ok(Self(base.config_dir().join("tributary")))
    }

    pub fn config(&self) -> Result<Config, Failure> {
        Ok(read(&self.config_path())?.unwrap_or_default())
    }

    pub fn keep_config(&self, config: &Config) -> Result<(), Failure> {
        self.write(&self.config_path(), config)
    }

    pub fn session(&self) -> Result<Option<Session>, Failure> {
        let kept: Option<Kept> = read(&self.session_path())?;
        Ok(kept.map(|kept| Session {
            api: kept.api,
            id_token: kept.id_token.into(),
            ends_at: kept.ends_at,
            renewal: kept.renewal.map(|renewal| (renewal.pool, renewal.refresh_token.into())),
        }))
    }

    pub fn keep_session(&self, session: &Session) -> Result<(), Failure> {
        let renewal = session.renewal.as_ref().map(|(pool, refresh)| KeptRenewal {
            pool: pool.clone(),
            refresh_token: refresh.expose_secret().to_owned(),
        });
        let kept = Kept {
            api: session.api.clone(),
            id_token: session.id_token.expose_secret().to_owned(),
            ends_at: session.ends_at,
            renewal,
        };
        self.write(&self.session_path(), &kept)
    }

    /// Tells whether there was one.
    pub fn forget_session(&self) -> Result<bool, Failure> {
        let path = self.session_path();
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(source) => Err(Failure::File { path, source }),
        }
    }

    fn config_path(&self) -> PathBuf {
        self.0.join("config.json")
    }

    fn session_path(&self) -> PathBuf {
        self.0.join("session.json")
    }

    /// Whole or not at all, and readable by its owner only: `tempfile` makes its files with mode 0600.
    fn write<T: Serialize>(&self, path: &Path, value: &T) -> Result<(), Failure> {
        let failed = |source| Failure::File { path: path.to_owned(), source };
        let text =
            serde_json::to_vec_pretty(value).map_err(|source| Failure::Unreadable { path: path.to_owned(), source })?;
        fs::create_dir_all(&self.0).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.0).map_err(failed)?;
        file.write_all(&text).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Failure> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Failure::File { path: path.to_owned(), source }),
    };
    serde_json::from_slice(&text).map(Some).map_err(|source| Failure::Unreadable { path: path.to_owned(), source })
}

/// The API's address without a slash at its end. A token goes over https, or stays on this machine.
pub fn address(text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text.trim_end_matches('/'))
        .map_err(|error| Failure::Usage(format!("`{text}` is not an address: {error}.")))?;
    if url.scheme() == "https" || url.scheme() == "http" && is_here(&url) {
        Ok(url)
    } else {
        Err(Failure::Usage(format!("`{text}` must begin with https://, or a token could be read on the way.")))
    }
}

/// Whether the address is this machine's own.
pub fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_over_https_or_stays_on_this_machine() {
        for good in [
            "https://abc.execute-api.eu-west-1.amazonaws.com/v1/",
            "http://127.0.0.1:4566/_aws/execute-api/abc/v1",
            "http://localhost:3000",
            "http://[::1]:3000/v1",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in ["http://tributary.example/v1", "http://localhost.example", "ftp://127.0.0.1", "api", ""] {
            assert!(matches!(address(bad), Err(Failure::Usage(_))), "{bad}");
        }
    }

    #[test]
    fn secrets_are_kept_apart_and_for_their_owner_only() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder(home.path().join("tributary"));
        assert!(folder.session().unwrap().is_none());
        let pool = Pool { client_id: "client".to_owned(), url: "https://cognito.example/".to_owned() };
        let tokens = |id: &str, refresh: Option<&str>| Tokens {
            id_token: id.to_owned().into(),
            refresh_token: refresh.map(|refresh| refresh.to_owned().into()),
            seconds: 3600,
        };
        let api = "https://api.example/v1".to_owned();
        let first = Session::of(api.clone(), pool.clone(), tokens("first", Some("refresh")), None);
        assert!(!format!("{first:?}").contains("refresh\""), "{first:?}");
        folder.keep_session(&first).unwrap();
        let second = Session::of(api, pool, tokens("second", None), first.renewal.map(|(_, refresh)| refresh));
        folder.keep_session(&second).unwrap();
        let read = folder.session().unwrap().unwrap();
        assert_eq!(read.id_token.expose_secret(), "second");
        assert_eq!(read.renewal.as_ref().unwrap().1.expose_secret(), "refresh", "a renewal brings no new one");
        let now = Timestamp::now();
        assert!(!read.is_over(now) && read.is_over(now + SignedDuration::from_mins(60)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(folder.session_path()).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(folder.forget_session().unwrap());
        assert!(!folder.forget_session().unwrap());
        fs::write(folder.session_path(), "{").unwrap();
        assert!(matches!(folder.session(), Err(Failure::Unreadable { .. })));
    }
}
