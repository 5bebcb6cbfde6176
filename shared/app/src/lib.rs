//! The use cases: intake, import, fulfil, link, report.
