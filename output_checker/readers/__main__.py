"""The reader in the cage: ``python -m output_checker.readers`` reads one file from its standard input, answers on its
standard output and ends.

It never writes a file, never reads another and never prints anything but its one answer. With ``--warm`` it gets all of
its readers ready before the file comes.
"""

import sys
from importlib import import_module

from output_checker.readers import wire
from output_checker.readers.reading import read, refused

READERS = (
    *("archive", "bundle", "clean_opendocument", "clean_workbook", "delimited", "drawing", "image", "listing"),
    *("notebook", "opendocument", "page", "png", "structured", "text"),
)
"""Modules that ``reading`` imports only when a file of their kind comes."""


def main(arguments: list[str]) -> int:
    """Read the one file and answer."""
    if "--warm" in arguments:
        for name in READERS:
            import_module(f"output_checker.readers.{name}")
    try:
        output = read(sys.stdin.buffer.read())
        frame = wire.packed(output)
    except MemoryError:
        frame = wire.packed(refused("This file needs more memory than a file may take."))
    except Exception as error:  # noqa: BLE001 - a defect that hostile bytes found: the file is refused, not the service
        frame = wire.packed(refused(f"The reader failed on this file ({type(error).__name__}), so it was not checked."))
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
