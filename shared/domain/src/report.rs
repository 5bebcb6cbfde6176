//! R18: sale reports.
