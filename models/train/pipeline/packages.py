"""Files of published packages, fetched once and checked."""

import hashlib
import urllib.request
from pathlib import Path


def fetched(url: str, digest: str, cache: Path) -> Path:
    """Where the package lies; a file with another SHA-256 ends the program."""
    path = cache / url.rsplit("/", 1)[1]
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        urllib.request.urlretrieve(url, partial)
        partial.replace(path)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != digest:
        raise SystemExit(f"{path}: SHA-256 {found} instead of {digest}")
    return path
