//! What a platform connector is: the traits, their errors, and the one HTTP client.
