//! What a test can make a fake do wrong: refuse, hang up, be slow, answer nonsense, expire, shift pages, lag.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use tokio::sync::Semaphore;

use crate::{Pattern, locked};

/// What goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Refused before any effect. `retry_after` is in seconds.
    Answer { status: StatusCode, retry_after: Option<u32> },
    /// The connection is closed before any effect.
    DropRequest,
    /// The effect happens, then the connection is closed without an answer.
    DropResponse,
    /// The effect happens at once, the answer comes this much later.
    Slow(Duration),
    /// The effect waits until the gate is opened, and happens then even if the caller is gone.
    Held(Gate),
    /// The effect happens; the answer is 200 with a body cut in the middle.
    Malformed,
}

/// Holds requests back until it is opened, for good.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    pub fn open(&self) {
        self.0.close();
    }

    /// Returns once the gate is open: the semaphore has no permits, so waiting ends by its closing alone.
    pub(crate) async fn passed(&self) {
        while self.0.acquire().await.is_ok() {}
    }
}

impl PartialEq for Gate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Gate {}

#[derive(Debug)]
enum When {
    Next { left: u32 },
    Percent { percent: u32, random: SplitMix },
    UntilOff,
}

#[derive(Debug)]
struct Rule {
    id: u64,
    scope: Pattern,
    when: When,
    fault: Fault,
}

/// How an order moves while its pages are being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageShift {
    /// An order of a page already read changes, and so leaves the window: the later ones move up.
    Leaves,
    /// An order enters the window in front of the others: the later ones move down.
    Enters,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    next_id: u64,
    token_generation: u64,
    revoked: bool,
    page_size: Option<usize>,
    page_shift: Option<PageShift>,
    search_lag: SignedDuration,
}

/// A handle on a fake's faults, shared by every clone. [`Faults::on`] narrows what the next rule is about.
#[derive(Debug, Clone)]
pub struct Faults {
    scope: Pattern,
    state: Arc<Mutex<State>>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { scope: Pattern::any(), state: Arc::default() }
    }
}

impl Faults {
    /// The same faults, for rules about some requests only: `faults.on("POST */orders").fail_next(429, Some(5))`.
    #[must_use]
    pub fn on(&self, pattern: &str) -> Self {
        Self { scope: Pattern::from(pattern), state: Arc::clone(&self.state) }
    }

    /// The next request is refused; call it again for one more. `retry_after` is in seconds.
    pub fn fail_next(&self, status: StatusCode, retry_after: Option<u32>) {
        self.next(1, Fault::Answer { status, retry_after });
    }

    /// This share of the requests is refused, chosen by `seed`.
    pub fn fail_each(&self, percent: u32, seed: u64, status: StatusCode) -> Switch {
        self.each(percent, seed, Fault::Answer { status, retry_after: None })
    }

    /// Every request is refused until the switch is turned off.
    pub fn fail_while(&self, status: StatusCode, retry_after: Option<u32>) -> Switch {
        self.always(Fault::Answer { status, retry_after })
    }

    /// The next `count` requests take effect, and their answers are lost.
    pub fn drop_response(&self, count: u32) {
        self.next(count, Fault::DropResponse);
    }

    /// This share of the requests takes effect and loses its answer, chosen by `seed`.
    pub fn drop_response_each(&self, percent: u32, seed: u64) -> Switch {
        self.each(percent, seed, Fault::DropResponse)
    }

    /// The next `count` requests are lost before they take effect.
    pub fn drop_request(&self, count: u32) {
        self.next(count, Fault::DropRequest);
    }

    /// Every answer comes this much later, until the switch is turned off.
    pub fn answer_slowly(&self, delay: Duration) -> Switch {
        self.always(Fault::Slow(delay))
    }

    /// The next `count` requests take effect only when the gate is opened, as in a store that is slow to act:
    /// the caller may have given up long before.
    pub fn hold_next(&self, count: u32) -> Gate {
        let gate = Gate(Arc::new(Semaphore::new(0)));
        self.next(count, Fault::Held(gate.clone()));
        gate
    }

    /// The next answer is 200 with a body cut in the middle.
    pub fn malformed_next(&self) {
        self.next(1, Fault::Malformed);
    }

    /// The next `count` requests have this fault.
    pub fn next(&self, count: u32, fault: Fault) {
        self.add(When::Next { left: count }, fault);
    }

    /// This share of the requests has the fault, chosen by `seed`, until the switch is turned off.
    pub fn each(&self, percent: u32, seed: u64, fault: Fault) -> Switch {
        self.add(When::Percent { percent, random: SplitMix(seed) }, fault)
    }

    /// Every request has this fault until the switch is turned off.
    pub fn always(&self, fault: Fault) -> Switch {
        self.add(When::UntilOff, fault)
    }

    /// Tokens given so far are no longer accepted; new ones can be had.
    pub fn expire_token(&self) {
        locked(&self.state).token_generation += 1;
    }

    /// A fake stores this with a token that it gives, and accepts the token while the number is the same.
    pub fn token_generation(&self) -> u64 {
        locked(&self.state).token_generation
    }

    /// Access is withdrawn: no credential is accepted until [`Faults::grant`].
    pub fn revoke(&self) {
        locked(&self.state).revoked = true;
    }

    /// Access is given back.
    pub fn grant(&self) {
        locked(&self.state).revoked = false;
    }

    pub fn is_revoked(&self) -> bool {
        locked(&self.state).revoked
    }

    /// No page holds more than this, whatever is asked for. `None`: the vendor's own limits.
    pub fn page_size(&self, limit: Option<usize>) {
        locked(&self.state).page_size = limit;
    }

    /// What a fake makes of a page size that it was asked for.
    pub fn page_limit(&self, asked: usize) -> usize {
        locked(&self.state).page_size.map_or(asked, |limit| asked.min(limit))
    }

    /// After the next page of a list, an order leaves or enters the window.
    pub fn shift_pages(&self, shift: PageShift) {
        locked(&self.state).page_shift = Some(shift);
    }

    /// For fakes: the shift to apply after the page that was just answered.
    pub fn take_page_shift(&self) -> Option<PageShift> {
        locked(&self.state).page_shift.take()
    }

    /// Lists and searches do not show what is younger than this. Reading by id does.
    pub fn search_lag(&self, lag: SignedDuration) {
        locked(&self.state).search_lag = lag;
    }

    pub fn current_search_lag(&self) -> SignedDuration {
        locked(&self.state).search_lag
    }

    /// Ends every fault of this fake.
    pub fn clear(&self) {
        let mut state = locked(&self.state);
        let (next_id, token_generation) = (state.next_id, state.token_generation);
        *state = State { next_id, token_generation, ..State::default() };
    }

    /// The faults that this request meets, each rule counted once.
    pub(crate) fn meet(&self, method: &Method, path: &str) -> Vec<Fault> {
        let mut state = locked(&self.state);
        let mut met = Vec::new();
        for rule in state.rules.iter_mut().filter(|rule| rule.scope.matches(method, path)) {
            let applies = match &mut rule.when {
                // Refusals are taken one at a time: two `fail_next` are two refused requests.
                When::Next { .. } if matches!(rule.fault, Fault::Answer { .. }) && refuses(&met) => false,
                When::Next { left } => {
                    let applies = *left > 0;
                    *left = left.saturating_sub(1);
                    applies
                }
                When::Percent { percent, random } => random.below(100) < u64::from(*percent),
                When::UntilOff => true,
            };
            if applies {
                met.push(rule.fault.clone());
            }
        }
        state.rules.retain(|rule| !matches!(rule.when, When::Next { left: 0 }));
        met
    }

    fn add(&self, when: When, fault: Fault) -> Switch {
        let mut state = locked(&self.state);
        let id = state.next_id;
        state.next_id += 1;
        state.rules.push(Rule { id, scope: self.scope.clone(), when, fault });
        Switch { id, state: Arc::clone(&self.state) }
    }
}

fn refuses(met: &[Fault]) -> bool {
    met.iter().any(|fault| matches!(fault, Fault::Answer { .. }))
}

/// Turns one fault off. Dropping it leaves the fault on.
#[derive(Debug)]
pub struct Switch {
    id: u64,
    state: Arc<Mutex<State>>,
}

impl Switch {
    pub fn off(self) {
        locked(&self.state).rules.retain(|rule| rule.id != self.id);
    }
}

/// `SplitMix64`, the public-domain generator: <https://prng.di.unimi.it/splitmix64.c>.
#[derive(Debug)]
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_refusals_are_two_requests() {
        let faults = Faults::default();
        faults.on("POST *").fail_next(StatusCode::TOO_MANY_REQUESTS, Some(5));
        faults.fail_next(StatusCode::BAD_GATEWAY, None);
        assert_eq!(faults.meet(&Method::POST, "/").len(), 1);
        let second = faults.meet(&Method::POST, "/");
        assert_eq!(second, [Fault::Answer { status: StatusCode::BAD_GATEWAY, retry_after: None }]);
        assert!(faults.meet(&Method::POST, "/").is_empty());
    }

    #[test]
    fn a_share_is_the_same_for_the_same_seed() {
        let draw = |seed| {
            let faults = Faults::default();
            faults.drop_response_each(5, seed);
            (0..2000).map(|_| faults.meet(&Method::POST, "/").len()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!((60..=140).contains(&draw(7).iter().sum::<usize>()));
    }

    #[test]
    fn a_switched_off_fault_is_over() {
        let faults = Faults::default();
        let switch = faults.fail_while(StatusCode::SERVICE_UNAVAILABLE, None);
        assert_eq!(faults.meet(&Method::GET, "/").len(), 1);
        switch.off();
        assert!(faults.meet(&Method::GET, "/").is_empty());
    }
}
