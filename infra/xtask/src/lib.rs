//! What the project's own commands are made of.

pub mod bench;
pub mod cloud;
pub mod demo;
mod deploy;
mod emulator;
mod growth;
pub mod instance;
pub mod new_connector;
pub mod process;
pub mod progress;
mod python;
pub mod read;
pub mod test;
mod tools;
pub mod workspace;

pub use cloud::LocalCloud;
pub use progress::Progress;
pub use workspace::Workspace;
