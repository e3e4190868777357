//! What is wrong with an estate's file, for people.
use std::fmt;
use std::ops::Range;

/// An estate that cannot be used: where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstateError {
    /// The file's path, or the name that was asked for.
    origin: String,
    /// The line, from 1.
    line: Option<usize>,
    /// What is wrong, and what would be right.
    what: String,
}

impl fmt::Display for EstateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.origin, self.what),
            None => write!(f, "{}: {}", self.origin, self.what),
        }
    }
}

impl std::error::Error for EstateError {}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.get(..at).unwrap_or_default().matches('\n').count()
}

impl EstateError {
    /// What the parser found.
    pub(super) fn toml(origin: &str, text: &str, error: &toml::de::Error) -> Self {
        let span = error.span();
        let mut what = error.message().to_owned();
        // The parser lists what it knows in backticks, behind the key that it does not.
        let word = span.clone().and_then(|span| text.get(span)).unwrap_or_default();
        let known: Vec<&str> = what.split('`').skip(1).step_by(2).filter(|known| *known != word).collect();
        if what.contains(&format!("`{word}`"))
            && let Some(near) = nearest(word, known.into_iter())
        {
            what = format!("unknown key `{word}`: did you mean `{near}`?");
        }
        Self { origin: origin.to_owned(), line: span.map(|span| line_of(text, span.start)), what }
    }

    /// The file cannot be read.
    pub(super) fn unreadable(path: &str, error: &std::io::Error) -> Self {
        Self { origin: path.to_owned(), line: None, what: format!("cannot be read: {error}") }
    }

    /// There is no such built-in estate, and the word is no path.
    pub(super) fn unknown_name(name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Self {
        let help = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}, and files (NAME.toml)", known.collect::<Vec<_>>().join(", ")),
        };
        Self { origin: name.to_owned(), line: None, what: format!("no such estate: {help}") }
    }
}

/// The known word that an unknown one was probably meant to be.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|each| (strsim::damerau_levenshtein(&word.to_lowercase().replace('_', "-"), each), each))
        .filter(|(distance, each)| *distance <= each.len().div_ceil(3))
        .min()
        .map(|(_, each)| each)
}

/// Something wrong, with its place in the file when that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) span: Option<Range<usize>>,
    pub(super) what: String,
}

impl Wrong {
    /// The same, in its file.
    pub(super) fn at(self, origin: &str, text: &str) -> EstateError {
        let line = self.span.map(|span| line_of(text, span.start));
        EstateError { origin: origin.to_owned(), line, what: self.what }
    }
}
