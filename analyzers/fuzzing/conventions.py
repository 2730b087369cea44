"""How Python code usually speaks: which methods belong to which type, what library functions take, what names mean.

Tables only. They are conventions of the language and its library, not of any program: a guess from a name is used
last, and is labelled as a guess.
"""

from __future__ import annotations

from .annotations import callables
from .plans import Ref
from .shapes import BOOL, BYTES, FLOAT, INT, STR, Lit, Map, Num, Seq, Shape, alt
from .standard import TEXT_FILE


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STR_METHODS = _words(
    """split rsplit splitlines strip lstrip rstrip lower upper title capitalize casefold swapcase startswith endswith
    isdigit isalpha isalnum isspace isupper islower isnumeric isdecimal isidentifier istitle isascii encode format
    format_map partition rpartition zfill ljust rjust center expandtabs translate removeprefix removesuffix join"""
)
STR_RESULT = _words(
    """strip lstrip rstrip lower upper title capitalize casefold swapcase format zfill ljust rjust center expandtabs
    translate removeprefix removesuffix join replace"""
)
#: Methods that str, bytes and lists share.
AMBIGUOUS = _words("find rfind replace count index")
LIST_METHODS = _words("append extend insert sort reverse")
DICT_METHODS = _words("items keys values get setdefault popitem")
SET_METHODS = _words("add discard union intersection difference issubset issuperset symmetric_difference isdisjoint")
#: Methods of str whose arguments are text as well.
TEXT_ARGUMENTS = _words("split rsplit startswith endswith strip lstrip rstrip partition removeprefix removesuffix")

#: What the positional arguments of library functions are; "" is anything.
LIBRARY: dict[str, tuple[str, ...]] = {
    name: kinds
    for names, kinds in (
        ("re.match re.search re.fullmatch re.findall re.finditer re.split", ("", "str")),
        ("re.sub re.subn", ("", "", "str")),
        (
            """re.compile re.escape json.loads ast.literal_eval html.escape html.unescape shlex.split textwrap.dedent
            os.path.join os.path.basename os.path.splitext os.path.dirname os.path.exists fromisoformat strptime fromhex
            urlparse urlsplit quote unquote parse_qs""",
            ("str",),
        ),
        ("unicodedata.normalize", ("", "str")),
        (
            """math.sqrt math.log math.exp math.sin math.cos math.tan math.floor math.ceil math.isnan math.isinf
            math.isfinite math.log2 math.log10 math.radians math.degrees math.trunc math.fabs""",
            ("float",),
        ),
        ("math.pow math.hypot math.atan2", ("float", "float")),
        ("math.gcd math.comb math.perm", ("int", "int")),
        ("math.factorial math.isqrt fromtimestamp utcfromtimestamp localtime gmtime", ("int",)),
        ("base64.b64encode base64.b64decode zlib.compress zlib.decompress binascii.hexlify", ("bytes",)),
        ("struct.pack", ("str", "int")),
        ("struct.unpack", ("str", "bytes")),
        ("struct.unpack_from", ("str", "bytes", "int")),
        ("struct.iter_unpack", ("str", "bytes")),
        ("timedelta", ("num",)),
    )
    for name in _words(names)
}

_NAMES: tuple[tuple[Shape, frozenset[str]], ...] = (
    (
        STR,
        _words(
            """text s string str name line path url title word label msg message filename prefix suffix sep separator
            key source src code token pattern content email slug html query sentence char ch c style encoding header
            version spec expr expression input raw_text user username tag"""
        ),
    ),
    (
        INT,
        _words(
            """n i j k m count size num number width height index idx limit year month day hour minute second depth
            level length total start stop end step pos position offset ts timestamp seconds minutes hours days age
            amount capacity quantity page rows cols base digits steps max_length maxlen"""
        ),
    ),
    (
        FLOAT,
        _words(
            """x y z a b value ratio rate weight price score temperature temp alpha beta factor radius lat lon lng
            distance speed percent probability p q r v w h low high lo hi"""
        ),
    ),
    (
        Seq("list", INT),
        _words(
            """items values xs lst seq sequence numbers nums data_list arr array elements list ints scores indices
            weights entries samples points series"""
        ),
    ),
    (Seq("list", STR), _words("argv args words lines names strings tokens parts labels paths keys fields tags urls")),
    (
        Map(STR, alt(INT, STR)),
        _words(
            """d dct mapping dictionary config options opts params settings env record row table lookup kwargs counts
            headers"""
        ),
    ),
    (BYTES, _words("raw payload buf buffer blob bytes_")),
    (TEXT_FILE, _words("file fileobj file_obj fp fh stream infile outfile file_like filelike")),
    (Lit((Ref("int"), Ref("str"), Ref("dict"))), _words("cls klass type_obj class_ type_")),
    (Num("float", 0, 1), _words("probability prob quantile percentile_rank")),
    (Num("int", 0, 65535), _words("port")),
    (BOOL, _words("flag verbose strict debug reverse")),
    (callables(), _words("fn func function callback predicate f orig wrapper wrapped decorated handler hook")),
)
_FLAG_PREFIXES = ("is_", "has_", "use_", "allow_", "with_", "should_")


def from_name(name: str) -> Shape | None:
    """What a parameter of this name is in most code."""
    lowered = name.lower().strip("_")
    if lowered.startswith(_FLAG_PREFIXES):
        return BOOL
    last = lowered.rpartition("_")[2]
    for shape, names in _NAMES:
        if lowered in names or (len(last) > 1 and last in names):
            return shape
    return None
