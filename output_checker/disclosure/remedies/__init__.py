"""Ways to mend an output: pure functions from what was found to a proposed new output, with words for what was done.

``propose`` gives a proposal that the same rules have judged, or none. Nothing here reads or writes files.
"""

from output_checker.disclosure.remedies.edits import Edits, Step
from output_checker.disclosure.remedies.propose import Proposal, propose

__all__ = ["Edits", "Proposal", "Step", "propose"]
