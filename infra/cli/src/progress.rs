//! How far long work is, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::look::Look;

/// Something that takes its time and cannot be counted.
pub fn spinner(look: Look, message: &'static str) -> ProgressBar {
    if !look.is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message(message);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// So many orders.
pub fn bar(look: Look, message: &'static str, orders: usize) -> ProgressBar {
    if !look.is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(orders.try_into().unwrap_or(u64::MAX)).with_message(message);
    match ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} ({elapsed})") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
