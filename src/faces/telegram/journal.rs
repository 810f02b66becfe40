//! Which messages are out, noted the moment Telegram says so: one line, one write, without waiting for the disk.
//!
//! A line that was written survives kill -9, so that after a restart only a message whose answer had not come is sent again. It
//! is no defence against power loss, and need not be: the tables that are committed soon after are. Called by `state`.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A file this long is put aside; the one before it is then long in the tables.
const LONGEST: u64 = 1 << 20;

/// What a line tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The n-th message of a reply.
    Message(usize),
    /// The message that shows a reply while it is written.
    Draft,
}

/// One message that is out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The update that it answers.
    pub seq: i64,
    /// Which part of the reply.
    pub step: Step,
    /// Its number in the chat.
    pub message: i64,
    /// The conversation.
    pub conversation: String,
}

/// The journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    writing: Mutex<(File, u64)>,
}

impl Journal {
    /// Opens a journal and hands over the lines that it holds, oldest first. They stay until [`Self::clear`].
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn open(path: &Path) -> std::io::Result<(Self, Vec<Line>)> {
        let mut lines = Vec::new();
        for path in [aside(path), path.to_owned()] {
            match std::fs::read_to_string(&path) {
                // The last line may be cut short: then its message counts as not out.
                Ok(text) => lines.extend(text.split_inclusive('\n').filter_map(Line::read)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let length = file.metadata()?.len();
        Ok((Self { path: path.to_owned(), writing: Mutex::new((file, length)) }, lines))
    }

    /// Forgets all lines: they are in the tables now.
    ///
    /// # Errors
    /// The files cannot be changed.
    pub fn clear(&self) -> std::io::Result<()> {
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        writing.0.set_len(0)?;
        writing.1 = 0;
        match std::fs::remove_file(aside(&self.path)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Notes a message. Takes microseconds.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn note(&self, line: &Line) -> std::io::Result<()> {
        let text = line.write();
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if writing.1 > LONGEST {
            std::fs::rename(&self.path, aside(&self.path))?;
            *writing = (OpenOptions::new().create(true).append(true).open(&self.path)?, 0);
        }
        writing.0.write_all(text.as_bytes())?;
        writing.1 += text.len() as u64;
        Ok(())
    }
}

impl Line {
    fn write(&self) -> String {
        let Self { seq, step, message, conversation } = self;
        match step {
            Step::Message(place) => format!("{seq} {place} {message} {conversation}\n"),
            Step::Draft => format!("{seq} draft {message} {conversation}\n"),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let mut fields = text.strip_suffix('\n')?.splitn(4, ' ');
        let seq = fields.next()?.parse().ok()?;
        let step = match fields.next()? {
            "draft" => Step::Draft,
            place => Step::Message(place.parse().ok()?),
        };
        let message = fields.next()?.parse().ok()?;
        Some(Self { seq, step, message, conversation: fields.next()?.to_owned() })
    }
}

fn aside(path: &Path) -> PathBuf {
    path.with_extension("before")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: i64, step: Step) -> Line {
        Line { seq, step, message: 7, conversation: "telegram:-5:41".into() }
    }

    #[test]
    fn lines_are_handed_over_after_a_kill_and_one_cut_short_is_not() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("sent");
        let (journal, before) = Journal::open(&path).expect("open");
        assert!(before.is_empty());
        journal.note(&line(1, Step::Draft)).expect("note");
        journal.note(&line(1, Step::Message(0))).expect("note");
        journal.writing.lock().expect("file").0.write_all(b"2 0 9 telegram:4").expect("half a line");
        let (again, lines) = Journal::open(&path).expect("open");
        assert_eq!(lines, [line(1, Step::Draft), line(1, Step::Message(0))]);
        again.clear().expect("clear");
        assert!(Journal::open(&path).expect("open").1.is_empty());
    }

    #[test]
    fn a_long_file_is_put_aside_and_still_read() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("sent");
        let (journal, _) = Journal::open(&path).expect("open");
        journal.note(&line(1, Step::Message(0))).expect("note");
        journal.writing.lock().expect("file").1 = LONGEST + 1;
        journal.note(&line(2, Step::Message(0))).expect("note");
        let (_, lines) = Journal::open(&path).expect("open");
        assert_eq!(lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [1, 2]);
    }
}
