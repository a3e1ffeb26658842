"""Ways to mend an output: pure functions from what was found to a proposed new output, with words for what was done.

``propose`` gives a proposal that the same rules have judged, or none; ``mend`` makes a file of it that was read and
judged again. Nothing here reads or writes files.
"""

from output_checker.disclosure.remedies.edits import Change, Edits, Step, changes
from output_checker.disclosure.remedies.mend import Mended, mend, safe_name
from output_checker.disclosure.remedies.propose import Proposal, is_mendable, propose

__all__ = ["Change", "Edits", "Mended", "Proposal", "Step", "changes", "is_mendable", "mend", "propose", "safe_name"]
