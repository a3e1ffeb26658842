"""Statistical disclosure control: pure rules over what the readers made of a file.

``assess`` gives the verdict; ``strictest`` joins the policies of several datasets, ``tighten`` makes one stricter;
``tables_of`` lists the tables that are judged. Nothing here reads files, asks the clock or keeps
state.
"""

from output_checker.disclosure.assess import assess
from output_checker.disclosure.strictest import strictest, tighten
from output_checker.disclosure.subject import LocatedTable, tables_of

__all__ = ["LocatedTable", "assess", "strictest", "tables_of", "tighten"]
