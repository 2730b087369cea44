"""What it does
    Replaces a part of a path into the standard library that is not there by one that is spelt alike.

Example
    ``use std::collection::HashMap;``

Use instead
    ``use std::collections::HashMap;``

When it stays silent
    Nothing in that module is spelt alike, or the compiler names what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...repair import Context, Draft, Repair
from ...spelling import closest

_MISSING = re.compile(r"could not find `(?P<name>\w+)` in `(?P<module>\w+)`|no `(?P<other>\w+)` in `(?P<path>[\w:]+)`")
_STD = (
    "alloc any array ascii backtrace borrow boxed cell char clone cmp collections convert default env error f32 f64 "
    "ffi fmt fs future hash hint io iter marker mem net num ops option os panic path pin prelude primitive process "
    "ptr rc result slice str string sync task thread time vec"
)
#: Modules of the standard library → what is in them that programs import.
MODULES = {
    "std": _STD,
    "core": _STD,
    "collections": "BTreeMap BTreeSet BinaryHeap HashMap HashSet LinkedList VecDeque hash_map btree_map",
    "sync": "Arc Barrier Condvar Mutex Once OnceLock LazyLock RwLock Weak atomic mpsc",
    "rc": "Rc Weak",
    "cell": "Cell RefCell Ref RefMut OnceCell",
    "fmt": "Debug Display Error Formatter Result Write",
    "io": "BufRead BufReader BufWriter Error ErrorKind Read Result Seek Write stdin stdout stderr",
    "time": "Duration Instant SystemTime UNIX_EPOCH",
    "cmp": "Ordering Reverse PartialOrd Ord PartialEq Eq max min",
    "ops": "Add AddAssign Deref DerefMut Div Drop Index IndexMut Mul Neg Not Range Rem Sub",
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _MISSING.search(" ".join((fault.message, *fault.notes)))
    if fault.code not in ("E0432", "E0433") or match is None or fault.suggested:
        return
    name = match["name"] or match["other"]
    module = (match["module"] or match["path"]).rpartition("::")[2]
    start, end = context.lines.bounds(fault.line)
    place = next((m.start() for m in re.finditer(rf"\b{name}\b", context.text[start:end])), -1)
    if place < 0:
        return
    for new, score in closest(name, MODULES.get(module, "").split(), least=0.5):
        yield context.edit(
            f"Replace `{name}` by `{new}`", [(start + place, start + place + len(name), new)], 0.96 * score
        )


REPAIR = Repair("rust-misspelt-path", "Replace a misspelt part of a standard path", propose, languages=("rust",))
