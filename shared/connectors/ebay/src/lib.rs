//! The ebay connector.
