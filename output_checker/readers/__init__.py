"""Untrusted bytes to a model and back to canonical bytes. Zone: portal and workspace server; the reading itself runs
in the reader cage, one short-lived process for each file.

Promises: whatever the bytes are, ``read_in_cage`` answers with an ``Output``; a file that can't be read, is too large,
takes too long or kills its reader is ``Kind.UNKNOWN`` with a ``problem`` in words. The canonical bytes are re-encoded
from the parts alone, reading them again gives the same parts and the same bytes, and everything that did not come
along is in ``dropped``. Never: a decision by a file's name, a parse outside the cage, a guess that something is safe.

Codes of ``Dropped.what``. They are stable: rules are written on them.

==================== ==================================================================================================
image files
png-chunk            a PNG chunk that holds no pixels (text, time, profile, private): detail has type, keyword and size
jpeg-segment         a JPEG APPn or COM segment (EXIF, XMP, thumbnail, comment)
gif-block            a GIF comment, text or application block
webp-chunk           a WebP chunk that holds no pixels
image-frame          further frames of an animation or pages of a picture
image-depth          the low bits of samples of more than 8 bits
alpha                different colours behind transparent or hardly visible pixels; the picture is put onto white
palette              palette entries that no pixel uses
surplus-pixels       bytes in the pixel stream after the last pixel
trailing-bytes       bytes after the end of the file's format
text and tables
encoding             a note: how the bytes were read as text (byte order mark, Windows-1252, mixed)
wide-encoding        the bytes were UTF-16 or UTF-32: another program may read something else in them
nul-bytes            NUL characters
invisible-characters zero-width, direction, tag, private-use, variation and control characters
odd-spaces           spaces other than U+0020, made ordinary
unicode-form         characters that Unicode writes in several ways, made NFC
terminal-codes       ANSI escape sequences
line-ends            mixed line ends, made LF
blanks               blanks at the ends of lines or cells, blank lines at the ends of a text
formula              CSV: a cell that a spreadsheet would calculate; it got a leading apostrophe. XLSX: a formula whose
                     value stays, or that has none
notebooks
source               the source of a cell
figure-data          columns of a figure that are not drawn, data for hovering, settings that hold data
attachment           a file attached to a cell
metadata             notebook, cell or output metadata, unknown keys; JSON keys that stand twice; SVG metadata
kernel               kernel name and language of the ordinary kind
widget-state         the state of ipywidgets, with their buffers
mime                 an output of a media type that is not released
second-mime          a second form of an output of which another form was kept
HTML, Markdown, SVG
hidden-html          content that the page does not show: hidden elements, templates, attributes, style sheets
presentation         looks only: classes, identifiers, style sheets without content, a transparent ground (a note)
script               scripts, animations and event handlers
comment              comments
link                 the address of a link; its text stays
embedded             something embedded or loaded from elsewhere that is not released
workbooks
hidden-sheet         a hidden sheet with its values
hidden-cells         values of hidden rows or columns, or in a format that shows nothing
cached-data          pivot caches, external links, connections, data models, texts that no cell shows
workbook-part        comments, drawings, macros, properties, defined names and every other part without cell values
archives
archive              a note: the file was compressed, and what it holds is read and released
files that are refused
stored-data          a data file: how many rows and columns it has, by its header; the names of its columns
stored-model         an object or a model: its classes and how much data it holds, by opcodes and names alone
all
type-mismatch        the name promises another format than the content has
limit                more items were dropped than are listed one by one
==================== ==================================================================================================
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from output_checker.readers.cage import DEFAULT, CageLimits, Cages, read_in_cage

__all__ = ["DEFAULT", "CageLimits", "Cages", "read_in_cage"]


def __getattr__(name: str) -> Any:
    """The parent's side, imported when it is asked for: the reader in the cage starts without it, 20 ms sooner."""
    if name not in __all__:
        raise AttributeError(name)
    from output_checker.readers import cage

    return getattr(cage, name)
