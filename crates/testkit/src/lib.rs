//! For the tests of the other crates; nothing here is part of the program.

pub mod calls;
pub mod floors;
#[cfg(feature = "rig")]
pub mod rig;
pub mod sentences;
pub mod signatures;
#[cfg(feature = "terminal")]
pub mod terminal;
pub mod type_names;
