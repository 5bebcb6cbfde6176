//! Everything that a call shows to anyone: its error in every form, and what it traced.

use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex};

use connect::ConnectError;
use tracing::Level;
use tracing::subscriber::DefaultGuard;

/// The error as a log, a screen and a panic would show it.
pub fn error(error: &ConnectError) -> String {
    let mut shown = format!("{error}\n{error:?}\n{error:#?}\n{}\n{}\n", error.public_message, error.context);
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        write!(shown, "{cause}\n{cause:?}\n{cause:#?}\n").unwrap();
        source = cause.source();
    }
    shown
}

/// What is traced on this thread while the guard lives, at every level, fields included.
#[derive(Debug, Clone, Default)]
pub struct Traced(Arc<Mutex<Vec<u8>>>);

impl Traced {
    pub fn begin() -> (Self, DefaultGuard) {
        let traced = Self::default();
        let writer = traced.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false);
        let subscriber = subscriber.with_writer(move || writer.clone()).finish();
        (traced, tracing::subscriber::set_default(subscriber))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Traced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
