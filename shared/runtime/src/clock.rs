//! The system's clock and its names for lease holders.

use app::Clock;
use jiff::Timestamp;
use ulid::Ulid;

pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn nonce(&self) -> String {
        Ulid::generate().to_string()
    }
}
