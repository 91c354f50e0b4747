"""Where things are. Standard library only: the launcher needs it before anything is installed."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def var_dir() -> Path:
    """The folder of everything that a running bonefit writes: ``VAR_DIR``, or ``var`` in the clone.

    It is private: it holds the demo's database, mail and secret key.
    """
    return Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").resolve()
