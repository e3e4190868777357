//! The file: whole, cut, damaged, foreign, or in the way.

use super::{few, fresh, now, record};
use partybox_core::app::{Msg, State};
use partybox_top::runtime::{LoadError, RecordError, Recorder, RecordingFile};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

#[test]
fn a_recording_is_read_as_it_was_written() {
    let (path, expected) = record("whole", few());
    let recording = RecordingFile::load(&path).expect("it loads");
    assert_eq!(recording.header.command, "test");
    assert_eq!(recording.messages.len(), expected.len());
    for (i, expected) in expected.iter().enumerate() {
        assert_eq!(recording.messages.get(i).as_ref(), Some(expected));
    }
    let text = fs::read_to_string(&path).expect("it is text");
    assert_eq!(text.lines().count(), 1 + expected.len());
    assert_eq!(text.matches("\"same\"").count(), 1, "a reading that brought the same is short: {text}");
}

#[test]
fn only_its_owner_reads_it_and_nothing_is_overwritten() {
    let (path, _) = record("once", few());
    let mode = fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read(&path).expect("it is read");
    let error = Recorder::create(&path, "test", &State::default()).expect_err("it is there already");
    assert!(matches!(&error, RecordError::Exists(_)), "{error:?}");
    assert!(error.to_string().contains("overwrites nothing"), "{error}");
    assert_eq!(fs::read(&path).expect("it is read"), before);
    let error = Recorder::create(Path::new("/nowhere/at/all"), "test", &State::default());
    assert!(error.expect_err("no such folder").to_string().contains("/nowhere/at/all"));
}

#[test]
fn cut_at_every_byte_it_loads_as_far_as_it_goes_or_says_why() {
    let (path, expected) = record("whole-to-cut", few());
    let bytes = fs::read(&path).expect("it is read");
    let cut = fresh("cut");
    let mut most = 0;
    for end in 0..=bytes.len() {
        fs::write(&cut, &bytes[..end]).expect("it is written");
        // A line is whole when its text is, with or without its end.
        let lines = bytes[..end].split(|b| *b == b'\n').count() - 1;
        let whole = lines + usize::from(bytes.get(end) == Some(&b'\n'));
        match RecordingFile::load(&cut) {
            Ok(recording) => {
                assert_eq!(recording.messages.len(), whole - 1, "cut at {end}");
                for (i, expected) in expected.iter().take(whole - 1).enumerate() {
                    assert_eq!(recording.messages.get(i).as_ref(), Some(expected), "cut at {end}");
                }
                most = recording.messages.len();
            }
            Err(LoadError::Empty(_)) => assert!(whole < 2, "cut at {end}: {whole} lines are whole"),
            Err(error) => panic!("cut at {end}: {error}"),
        }
    }
    assert_eq!(most, expected.len());
}

#[test]
fn damage_before_the_end_is_told_with_its_line() {
    let (path, _) = record("whole-to-damage", few());
    let text = fs::read_to_string(&path).expect("it is text");
    let lines: Vec<&str> = text.lines().collect();
    let damaged = fresh("damaged");
    for line in 1..lines.len() {
        for bad in
            ["{\"mono_us\":", "", "{}", "{\"mono_us\":1,\"wall\":\"2026-01-01T00:00:00Z\",\"msg\":\"Later\"}"]
        {
            let mut lines = lines.clone();
            lines[line] = bad;
            fs::write(&damaged, lines.join("\n") + "\n").expect("it is written");
            let error = RecordingFile::load(&damaged).expect_err("it is damaged").to_string();
            assert!(error.contains(&format!("damaged in line {}", line + 1)), "{bad:?}: {error}");
        }
    }
    // A line that is missing, so that "the same" has nothing before it.
    let orphan: Vec<&str> = lines.iter().enumerate().filter(|(i, _)| *i != 3).map(|(_, l)| *l).collect();
    fs::write(&damaged, orphan.join("\n") + "\n").expect("it is written");
    let error = RecordingFile::load(&damaged).expect_err("it is damaged").to_string();
    assert!(error.contains("damaged in line 6"), "{error}");
}

#[test]
fn what_is_no_recording_of_this_version_is_refused_with_a_sentence() {
    let (path, _) = record("whole-to-change", few());
    let text = fs::read_to_string(&path).expect("it is text");
    let other = fresh("other");
    for (content, says) in [
        (text.replacen("\"version\":2", "\"version\":9", 1), "version 9"),
        ("# README\n\nhello\n".to_owned(), "is no recording"),
        ("{\"format\":\"something else\",\"version\":1}\n".to_owned(), "is no recording"),
        ("[1, 2]\n".to_owned(), "is no recording"),
        ("\0\0\0\0".to_owned(), "is no recording"),
        (String::new(), "holds nothing yet"),
        (text.lines().next().expect("a header").to_owned() + "\n", "holds nothing yet"),
    ] {
        fs::write(&other, &content).expect("it is written");
        let error = RecordingFile::load(&other).expect_err("it is refused").to_string();
        assert!(error.contains(says), "{content:.60}: {error}");
        assert!(error.contains("other"), "it names the file: {error}");
    }
    let error = RecordingFile::load(Path::new("/nowhere/at/all")).expect_err("it is not there");
    assert!(matches!(error, LoadError::Unreadable(..)), "{error:?}");
}

#[test]
fn each_line_is_in_the_file_before_the_recorder_ends() {
    let path = fresh("at-once");
    let mut recorder = Recorder::create(&path, "test", &State::default()).expect("a recording begins");
    assert_eq!(recorder.take(&Msg::Tick, now(0)), None);
    // Nothing else is taken in that could push it out.
    let end = std::time::Duration::from_mins(1);
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let watched = path.clone();
    let reader = std::thread::spawn(move || {
        while fs::read_to_string(&watched).is_ok_and(|text| text.lines().count() < 2) {
            std::thread::yield_now();
        }
        drop(sender);
    });
    let waited = receiver.recv_timeout(end);
    assert_eq!(waited, Err(std::sync::mpsc::RecvTimeoutError::Disconnected), "it stays in the program");
    reader.join().expect("the reader is whole");
    drop(recorder);
    assert_eq!(RecordingFile::load(&path).expect("it loads").messages.len(), 1);
}
