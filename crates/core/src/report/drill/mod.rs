//! The report of a drill: Markdown, and one HTML page that needs nothing beside itself. Its JSON is the story
//! itself.

mod escape;
mod html;
pub mod lines;
mod markdown;
mod picture;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
#[cfg(test)]
mod tests;
mod text;

pub use html::html;
pub use markdown::markdown;
