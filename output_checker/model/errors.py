"""The five kinds of failure that a person can meet. Anything else is a defect and shows as ``Broken``."""


class HalftideError(Exception):
    """A failure with a text for the person who meets it: what happened, why, and the way on."""


class BadInput(HalftideError):
    """What was sent can't be used as it is. Nothing was changed or lost."""


class NotAllowed(HalftideError):
    """This person may not do this here and now; the text says which rule refuses."""


class NotFound(HalftideError):
    """There is no such thing, or this person may not know that there is."""


class Conflict(HalftideError):
    """The thing changed meanwhile (another vote, another round, a name that is taken)."""


class Broken(HalftideError):
    """Halftide itself failed: a digest that differs, a cage that died, a store that is full."""
