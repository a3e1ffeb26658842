"""Which state folder a verb works on."""

import os
from pathlib import Path

from hub_config.settings import read_settings


def state_folder(named: str | None) -> Path:
    """The folder of ``--state``, else of the settings. Raises BadInput for settings that can't be used."""
    return read_settings(os.environ | ({"HALFTIDE_STATE": named} if named else {})).state
