"""What names look like: those that become files, and those that are only shown."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

__all__ = ["LABEL", "LABEL_FOR_EDITORS", "NAME", "NAMES_IN_WORDS", "NAME_MATCH", "Label", "Name"]

NAME = r"^[A-Za-z0-9][A-Za-z0-9 _.-]*$"
NAME_MATCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,79}")
LABEL = r"^[^\s\p{C}]([^\p{C}]*[^\s\p{C}])?$"
LABEL_FOR_EDITORS = r"^\S(.*\S)?$"  # not every JSON Schema checker knows \p
NAMES_IN_WORDS = {
    NAME: "a name of letters, digits, blanks, '_', '.' and '-', with a letter or digit first",
    LABEL: "a name of visible characters with no blanks around it",
}

Name = Annotated[str, Field(pattern=NAME, max_length=80)]
Label = Annotated[str, Field(pattern=LABEL, max_length=60)]
