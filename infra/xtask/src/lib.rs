//! What the project's own commands are made of; the demo and the cloud tests use [`LocalCloud`] from here.

pub mod cloud;
mod deploy;
mod emulator;
pub mod instance;
pub mod process;
pub mod progress;
mod python;
pub mod test;
mod tools;
pub mod workspace;

pub use cloud::LocalCloud;
pub use progress::Progress;
pub use workspace::Workspace;
