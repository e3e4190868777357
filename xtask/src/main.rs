//! What the repository does for itself.

fn main() {}
