"""What names look like: those that become files, and those that are only shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

__all__ = ["LABEL", "NAME", "NAMES_IN_WORDS", "Label", "Name"]

NAME = r"^[A-Za-z0-9][A-Za-z0-9 _.-]*$"
LABEL = r"^[^\s\p{C}]([^\p{C}]*[^\s\p{C}])?$"
NAMES_IN_WORDS = {
    NAME: "a name of letters, digits, blanks, '_', '.' and '-', with a letter or digit first",
    LABEL: "a name of visible characters with no blanks around it",
}

Name = Annotated[str, Field(pattern=NAME, max_length=80)]
Label = Annotated[str, Field(pattern=LABEL, max_length=60)]
