//! For the tests of the other crates; nothing here is part of the program.

pub mod floors;
pub mod signatures;
