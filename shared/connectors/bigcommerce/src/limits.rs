//! The store's quota of calls, which all its applications share.
//!
//! <https://developer.bigcommerce.com/docs/start/best-practices/api-rate-limits>

use connect::{Allowance, Response, Told};

/// What the smallest plans have: 150 calls in 30 seconds. The headers say what this store's plan has.
pub(crate) static CALLS: Allowance = Allowance { name: "bigcommerce", burst: 150, per_hour: 18_000 };

const HOUR: u64 = 3_600_000;

/// `None`: the answer does not say (an unlimited plan, or something in front of the API).
pub(crate) fn told(response: &Response) -> Option<Told> {
    let number = |name| response.header(name)?.trim().parse::<u32>().ok();
    let left = number("x-rate-limit-requests-left");
    let quota = number("x-rate-limit-requests-quota");
    let window = number("x-rate-limit-time-window-ms").filter(|window| *window > 0);
    let per_hour = quota.zip(window).and_then(|(quota, window)| {
        u32::try_from(u64::from(quota).saturating_mul(HOUR).checked_div(u64::from(window))?).ok()
    });
    let told = Told { left, burst: quota, per_hour, unused: 0 };
    (told != Told::default()).then_some(told)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn of(headers: &[(&str, &str)]) -> Option<Told> {
        let headers: BTreeMap<_, _> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        told(&Response { operation: "test", status: 200, headers, body: Vec::new() })
    }

    #[test]
    fn what_the_store_says_of_its_quota_is_passed_on() {
        let plus = [
            ("x-rate-limit-time-window-ms", "30000"),
            ("x-rate-limit-time-reset-ms", "15000"),
            ("x-rate-limit-requests-quota", "150"),
            ("x-rate-limit-requests-left", "35"),
        ];
        assert_eq!(of(&plus), Some(Told { left: Some(35), burst: Some(150), per_hour: Some(18_000), unused: 0 }));
        assert_eq!(of(&plus[3..]), Some(Told { left: Some(35), ..Told::default() }));
    }

    #[test]
    fn what_cannot_be_read_is_not_told() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("x-rate-limit-requests-left", "many"), ("x-rate-limit-time-window-ms", "0")]), None);
    }
}
