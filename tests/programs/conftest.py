"""Who stands at the editor of a program."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.programs.editing import Editor, editor


@pytest.fixture
def writer(cast: Cast) -> Editor:
    """Ana at the editor of HiRIT."""
    return editor(cast.ana)


@pytest.fixture
def drafting(writer: Editor) -> Editor:
    """Ana, who has begun a draft."""
    writer.start()
    return writer
