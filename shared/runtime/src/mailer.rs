//! The mail port on SES: from the owner's own address, to it. Only `notify` makes one.

use std::sync::OnceLock;

use app::{Letterhead, Mail, Mailer, PortError};
use async_trait::async_trait;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};

use crate::InitError;
use crate::clients::Aws;
use crate::config::{Config, required, time_zone};

/// Mails to the owner.
///
/// Sender and recipient are one address, so one confirmed identity is enough, also in SES's sandbox:
/// <https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html>
pub struct OwnerMail {
    aws: Aws,
    client: OnceLock<aws_sdk_sesv2::Client>,
    owner: String,
}

impl OwnerMail {
    /// From `OWNER_EMAIL`, and `CONSOLE_URL`: where the owner's frontend is, empty if there is none.
    pub fn from_env(config: &Config) -> Result<(Self, Letterhead), InitError> {
        let console = std::env::var("CONSOLE_URL").ok().map(|url| url.trim_end_matches('/').to_owned());
        let letterhead = Letterhead { console: console.filter(|url| !url.is_empty()), zone: time_zone()? };
        let mailer = Self { aws: Aws::new(config)?, client: OnceLock::new(), owner: required("OWNER_EMAIL")? };
        Ok((mailer, letterhead))
    }
}

impl std::fmt::Debug for OwnerMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnerMail").finish_non_exhaustive()
    }
}

#[async_trait]
impl Mailer for OwnerMail {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        let unusable = |error: aws_sdk_sesv2::error::BuildError| PortError {
            operation: "ses.send",
            context: "the mail cannot be built".to_owned(),
            source: Some(error.into()),
        };
        let content = |text: &str| Content::builder().data(text).charset("UTF-8").build().map_err(unusable);
        let body = Body::builder().text(content(&mail.text)?).html(content(&mail.html)?).build();
        let message = Message::builder().subject(content(&mail.subject)?).body(body).build();
        let client = self.client.get_or_init(|| self.aws.ses());
        let sending = client
            .send_email()
            .from_email_address(&self.owner)
            .destination(Destination::builder().to_addresses(&self.owner).build())
            .content(EmailContent::builder().simple(message).build());
        match sending.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let code = error.as_service_error().and_then(|error| error.meta().code()).unwrap_or("no answer");
                let context = format!("the mail to the owner: {code}");
                Err(PortError { operation: "ses.send", context, source: Some(error.into()) })
            }
        }
    }
}
