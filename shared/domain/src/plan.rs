//! R5: (order, links, settings, capabilities) -> what to do now: import, wait, or leave it; and which stock to move.
