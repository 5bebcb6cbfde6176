//! `login`, `logout`, and who is let in.

use crate::served::{PASSWORD, REFRESH, Run, Served};

fn sign_in(served: &Served, email: &str, typed: &str) -> Run {
    let (api, cognito) = (served.api(), served.cognito());
    let words = ["login", "--api", &api, "--client-id", "client-1", "--cognito-url", &cognito, "--email", email];
    served.bare(&[], typed, &words)
}

fn renewals(served: &Served) -> usize {
    let calls = served.server.calls().all();
    calls.iter().filter(|call| String::from_utf8_lossy(&call.body).contains("REFRESH_TOKEN_AUTH")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn login_keeps_the_access_for_its_owner_only_and_never_prints_it() {
    let served = Served::new().await;
    let run = sign_in(&served, "owner@example.com", &format!("{PASSWORD}\n"));
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    assert_eq!(run.out.trim(), format!("Signed in to {} as owner@example.com.", served.api()));
    let session = std::fs::read_to_string(served.kept("session.json")).unwrap();
    assert!(session.contains(REFRESH) && !session.contains(PASSWORD));
    let config = std::fs::read_to_string(served.kept("config.json")).unwrap();
    assert!(config.contains("client-1") && !config.contains("token-"), "{config}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(served.kept("session.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The address is remembered, and the access is good without any option.
    let run = served.bare(&[], "", &["connections"]);
    assert_eq!((run.code, run.out.trim()), (0, "Nothing is connected yet."), "{run:?}");
    assert_eq!(renewals(&served), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_that_ends_is_renewed_by_itself_and_kept() {
    let served = Served::new().await;
    assert_eq!(sign_in(&served, "hasty@example.com", &format!("{PASSWORD}\n")).code, 0);
    for _ in 0..2 {
        assert_eq!(served.prints(&["connections"]), "Nothing is connected yet.\n");
    }
    assert_eq!(renewals(&served), 1, "the renewed access is good for the second command");
    // A clock that is wrong or an access that was withdrawn shows by the refusal.
    let session = std::fs::read_to_string(served.kept("session.json")).unwrap();
    let stale = session.replace("\"id_token\": \"id-token-", "\"id_token\": \"stale-");
    assert_ne!(session, stale);
    std::fs::write(served.kept("session.json"), stale).unwrap();
    assert_eq!(served.prints(&["connections"]), "Nothing is connected yet.\n");
    assert_eq!(renewals(&served), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_was_revoked_is_told_as_that() {
    let served = Served::new().await;
    assert_eq!(sign_in(&served, "hasty@example.com", &format!("{PASSWORD}\n")).code, 0);
    let session = std::fs::read_to_string(served.kept("session.json")).unwrap();
    std::fs::write(served.kept("session.json"), session.replace(REFRESH, "revoked")).unwrap();
    assert_eq!(
        served.refused(&["connections"]),
        "Your access has ended (Refresh Token has been revoked): run `tributary login`.\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sign_in_asks_for_a_new_password_and_a_code() {
    let served = Served::new().await;
    let run = sign_in(&served, "new@example.com", &format!("{PASSWORD}\na longer password\n123456\n"));
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(served.prints(&["connections"]), "Nothing is connected yet.\n");
    let run = sign_in(&served, "new@example.com", &format!("{PASSWORD}\na longer password\n000000\n"));
    assert_eq!((run.code, run.err.as_str()), (1, "Signing in failed: Code mismatch\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_keeps_nothing_and_is_told_in_cognitos_words() {
    let served = Served::new().await;
    let run = sign_in(&served, "owner@example.com", "wrong\n");
    assert_eq!((run.code, run.err.as_str()), (1, "Signing in failed: Incorrect username or password.\n"));
    assert!(!served.kept("session.json").exists());
    assert!(served.refused(&["connections"]).contains("You are not signed in to"));
    let run = sign_in(&served, "owner@example.com", "\n");
    assert_eq!((run.code, run.err.as_str()), (2, "Password: nothing was given.\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_told_to_nobody_but_the_api_that_it_is_for() {
    let served = Served::new().await;
    assert_eq!(served.typing("id-token-given\n", &["login", "--with-token"]).code, 0);
    assert_eq!(served.prints(&["connections"]), "Nothing is connected yet.\n");
    let other = Served::new().await;
    let other_api = other.api();
    let refused = served.refused(&["connections", "--api", &other_api]);
    assert!(refused.contains("You are not signed in to"), "{refused}");
    assert_eq!(other.server.calls().all().len(), 0);
    let open = served.run(&["connections", "--api", "http://tributary.example/v1"]);
    assert_eq!(open.code, 2, "{open:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_environment_goes_first_and_one_that_is_over_says_what_to_do() {
    let served = Served::new().await;
    let api = served.api();
    let environment = |token| [("TRIBUTARY_API", api.as_str()), ("TRIBUTARY_TOKEN", token)];
    assert_eq!(served.bare(&environment("id-token-given"), "", &["connections"]).code, 0);
    let over = served.bare(&environment("over"), "", &["connections"]);
    assert_eq!((over.code, over.err.as_str()), (1, "Unauthorized. Run `tributary login`.\n"));
    assert!(!served.kept("session.json").exists(), "it is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_forgets_the_access() {
    let (served, _) = Served::with_channel().await;
    assert_eq!(served.prints(&["logout"]), "Signed out.\n");
    assert!(!served.kept("session.json").exists());
    assert_eq!(served.prints(&["logout"]), "Nobody was signed in.\n");
    assert!(served.refused(&["orders"]).contains("You are not signed in to"));
}
