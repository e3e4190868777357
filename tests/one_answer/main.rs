//! One question, one answer: for every variant the screen, the timeline, the report, `status` and the shell say the same.

mod account;
mod check_words;
mod drains;
mod levels;
mod services;
mod waits;
