//! The only match from a platform's name to its connector.
