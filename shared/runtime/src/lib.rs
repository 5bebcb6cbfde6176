//! The composition root: configuration, tracing, AWS clients, queues, and the disposition of errors.
