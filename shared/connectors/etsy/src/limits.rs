//! Etsy's own limits of calls: some a second, and a day's worth.

use connect::{Allowance, Told};
use connect::{Http, Request, Response};

/// <https://developers.etsy.com/documentation/essentials/rate-limits>. New applications are told 10 and 10,000; each
/// answer says what this one has.
static SECOND: Allowance = Allowance { name: "second", burst: 10, per_hour: 36_000 };
static DAY: Allowance = Allowance { name: "day", burst: 10_000, per_hour: 416 };

/// The request, counted against both.
pub fn counted(request: Request) -> Request {
    request.allowance(&SECOND, 1).allowance(&DAY, 1)
}

/// Passes on what Etsy said of them. The answer to a call that was one too many says nothing.
pub async fn tell(http: &Http, response: &Response) {
    let number = |name: &str| response.header(name).and_then(|text| text.trim().parse::<u32>().ok());
    let second = Told {
        left: number("x-remaining-this-second"),
        burst: number("x-limit-per-second"),
        per_hour: number("x-limit-per-second").map(|calls| calls.saturating_mul(3600)),
        unused: 0,
    };
    let day = Told {
        left: number("x-remaining-today"),
        burst: number("x-limit-per-day"),
        per_hour: number("x-limit-per-day").map(|calls| calls / 24),
        unused: 0,
    };
    for (allowance, told) in [(&SECOND, second), (&DAY, day)] {
        if told.left.is_some() || told.burst.is_some() {
            http.told(allowance, told).await;
        }
    }
}
