//! The woocommerce connector.
