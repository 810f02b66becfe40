//! Finds the pictures of products: an address, or a file below the feed's folder.
//!
//! Never leaves that folder, whatever a feed says.

use std::path::{Path, PathBuf};

/// A picture that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Telegram fetches it.
    Address(String),
    /// It is uploaded.
    File(PathBuf),
}

/// Where pictures are sought, and how large they may be.
#[derive(Debug, Clone)]
pub struct Pictures {
    folder: PathBuf,
    max_bytes: u64,
}

impl Pictures {
    /// Pictures below a folder.
    pub fn new(folder: &Path, max_bytes: u64) -> Self {
        Self { folder: folder.canonicalize().unwrap_or(folder.to_owned()), max_bytes }
    }

    /// The picture that a feed names; none when it is missing, too large, of another kind or outside the folder.
    pub fn find(&self, source: &str) -> Option<Picture> {
        if let Ok(address) = url::Url::parse(source)
            && matches!(address.scheme(), "http" | "https")
        {
            return Some(Picture::Address(source.to_owned()));
        }
        let path = self.folder.join(source).canonicalize().ok().filter(|path| path.starts_with(&self.folder))?;
        let kind = path.extension()?.to_str()?.to_ascii_lowercase();
        let size = path.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let is_picture = matches!(kind.as_str(), "jpg" | "jpeg" | "png" | "webp");
        (is_picture && size > 0 && size <= self.max_bytes).then_some(Picture::File(path))
    }
}

impl Picture {
    /// Names this very content: a file that changes gets another key.
    pub fn key(&self) -> String {
        match self {
            Self::Address(address) => address.clone(),
            Self::File(path) => {
                let changed = path.metadata().and_then(|it| it.modified()).ok();
                let seconds = changed.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
                format!("{}@{}", path.display(), seconds.as_millis())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_below_the_folder_and_within_the_limit_are_found() {
        let root = tempfile::tempdir().expect("folder");
        let folder = root.path().join("catalog");
        std::fs::create_dir_all(folder.join("images")).expect("folder");
        std::fs::write(folder.join("images/a.jpg"), [0u8; 10]).expect("write");
        std::fs::write(folder.join("images/big.png"), [0u8; 200]).expect("write");
        std::fs::write(folder.join("orders.jsonl"), "{}").expect("write");
        std::fs::write(root.path().join("secret.png"), "x").expect("write");
        let pictures = Pictures::new(&folder, 100);
        assert!(matches!(pictures.find("images/a.jpg"), Some(Picture::File(_))));
        assert_eq!(pictures.find("https://x.example/a.jpg"), Some(Picture::Address("https://x.example/a.jpg".into())));
        for refused in [
            "images/big.png",
            "images/none.jpg",
            "orders.jsonl",
            "../secret.png",
            "/etc/hostname",
            "file:///etc/hostname",
            "",
        ] {
            assert_eq!(pictures.find(refused), None, "{refused}");
        }
    }
}
