"""What a pickle says about itself, without loading it: classes, arrays, how many bytes belong to what.

Promises that nothing in the file is run or looked up: only ``pickletools.genops`` walks over the opcodes, as far as
they make sense and for a limited number of steps. A pickle that a program wrote to deceive can still hide names; it is
never released either way.
"""

import pickletools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from math import prod

MOST_STEPS = 3_000_000
MOST_NAMES = 2_000
_WRAPPED = frozenset(("shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"))
_ITEM = re.compile(r"[biufcmMV]\d{1,2}")
_NAME = re.compile(rb"(?:sklearn|statsmodels|pandas|torch|xgboost|lightgbm|transformers)(?:\.\w{1,60}){1,8}")
_ATTRIBUTE = re.compile(r"[A-Za-z_]\w{0,60}")
_PARAMETERS = frozenset(
    ("coef_", "coefs_", "intercept_", "intercepts_", "classes_", "n_iter_", "feature_names_in_", "n_features_in_",
     "theta_", "var_", "class_prior_", "class_log_prior_", "feature_log_prob_", "scale_", "mean_", "params")
)  # fmt: skip
_FILLING = frozenset(("", "b", "C", "F", "O8", "f8", "i8", "<", "|", "=", "latin1"))


@dataclass
class Pickled:
    """What the opcodes name. ``payload`` are the bytes of arrays, texts and numbers, ``parameters`` those of them that
    stand directly under a name under which libraries keep coefficients."""

    classes: list[str] = field(default_factory=list)
    arrays: list[int] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    payload: int = 0
    parameters: int = 0
    whole: bool = True

    def name(self, found: str) -> None:
        """Notes a class or a function, once."""
        if len(self.classes) < MOST_NAMES and found not in self.classes:
            self.classes.append(found)


@dataclass
class _Wrapper:
    """The description that joblib writes before the raw bytes of an array: ``keys`` that came so far."""

    key: str = ""
    keys: list[str] = field(default_factory=list)
    shape: list[int] = field(default_factory=list)
    item: int = 0


@dataclass
class _Walk:
    """Where the walk over the opcodes is: what was pushed last, what is remembered, the attribute that is filled."""

    found: Pickled
    pushed: list[str | None] = field(default_factory=list)
    memory: dict[int, str | None] = field(default_factory=dict)
    filling: str = ""
    wrapper: _Wrapper | None = None
    dtype: str = ""

    def push(self, value: str | None) -> None:
        self.pushed.append(value)
        del self.pushed[:-4]


def read(data: bytes) -> Pickled:
    """Walk over the opcodes. Never raises: ``whole`` tells whether they made sense to the end."""
    walk = _Walk(Pickled())
    stream = BytesIO(data)
    try:
        for steps, (code, argument) in enumerate(_opcodes(stream, len(data))):
            if steps > MOST_STEPS:
                walk.found.whole = False
                break
            _step(walk, code, argument, stream)
    except (ValueError, IndexError, OverflowError, MemoryError, RecursionError):
        walk.found.whole = False
    if not walk.found.whole:
        for name in dict.fromkeys(match.decode("ascii") for match in _NAME.findall(data)):
            walk.found.name(name)
    return walk.found


def _opcodes(stream: BytesIO, size: int) -> Iterator[tuple[str, object]]:
    """The opcodes of one pickle after the other: joblib writes arrays of objects as pickles within."""
    while stream.tell() < size:
        for code, argument, _ in pickletools.genops(stream):
            yield code.name, argument


def _step(walk: _Walk, code: str, argument: object, stream: BytesIO) -> None:
    if code in ("GLOBAL", "INST"):
        _name(walk, str(argument).replace(" ", ".", 1))
    elif code == "STACK_GLOBAL":
        _name(walk, ".".join(text or "?" for text in walk.pushed[-2:]))
    elif code in ("MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"):
        place = len(walk.memory) if code == "MEMOIZE" else int(str(argument))
        walk.memory[place] = walk.pushed[-1] if walk.pushed else None
    elif code in ("GET", "BINGET", "LONG_BINGET"):
        _text(walk, walk.memory.get(int(str(argument))))
    elif code == "REDUCE":
        walk.push(walk.dtype or None)
        walk.dtype = ""
    elif code not in ("MARK", "PROTO", "FRAME"):
        _value(walk, code, argument)
        if code == "BUILD":
            _skip_array(walk, stream)


def _value(walk: _Walk, code: str, argument: object) -> None:
    """A text, bytes, a number or something built of them."""
    if isinstance(argument, str):
        _text(walk, argument)
        if not _ATTRIBUTE.fullmatch(argument):
            _weigh(walk, len(argument))
        return
    walk.push(None)
    if isinstance(argument, bytes | bytearray):
        _weigh(walk, len(argument))
        walk.found.arrays.append(len(argument))
    elif isinstance(argument, int) and walk.wrapper and walk.wrapper.key == "shape":
        walk.wrapper.shape.append(argument)
    elif code in ("FLOAT", "BINFLOAT", "LONG1", "LONG4"):
        walk.found.payload += 8


def _name(walk: _Walk, name: str) -> None:
    walk.found.name(name)
    walk.push(None)


def _text(walk: _Walk, text: str | None) -> None:
    walk.push(text)
    if text is None:
        return
    if _ITEM.fullmatch(text):
        walk.dtype = text
        if walk.wrapper and walk.wrapper.key == "dtype":
            walk.wrapper.item = int(text[1:])
    elif text == "subclass" or (walk.wrapper and text in _WRAPPED):
        walk.wrapper = walk.wrapper if walk.wrapper and text != "subclass" else _Wrapper()
        walk.wrapper.key = text
        walk.wrapper.keys.append(text)
    elif _ATTRIBUTE.fullmatch(text) and not walk.wrapper and text not in _FILLING:
        walk.filling = text
        if len(walk.found.attributes) < MOST_NAMES:
            walk.found.attributes.append(text)


def _skip_array(walk: _Walk, stream: BytesIO) -> None:
    """Behind joblib's description of an array stand its raw bytes, padded by as many bytes as a first one says. Arrays
    of objects are pickles within, and are walked over like the rest."""
    wrapper = walk.wrapper
    if wrapper is None or "allow_mmap" not in wrapper.keys:
        return
    walk.wrapper = None
    size = prod(wrapper.shape) * wrapper.item
    if size <= 0:
        return
    padding = stream.read(1) if "numpy_array_alignment_bytes" in wrapper.keys else b""
    stream.seek((padding[0] if padding else 0) + size, 1)
    walk.found.arrays.append(size)
    _weigh(walk, size)


def _weigh(walk: _Walk, size: int) -> None:
    """Counts a payload; the first under a parameter's name is the parameter, all others are something else."""
    walk.found.payload += size
    if walk.filling in _PARAMETERS:
        walk.found.parameters += size
        walk.filling = ""
