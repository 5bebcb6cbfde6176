//! Stateful platform fakes: each keeps a ledger, refuses what its vendor refuses, and fails on demand.
