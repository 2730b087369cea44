"""Where generated code goes, and that everything else stays byte for byte."""

from __future__ import annotations

import pytest

from suture.codegen.placement import Import, place, read_imports
from suture.codegen.triggers.comment import comment_at

CODE = 'def f(text: str) -> str:\n    """Do it."""\n    return re.sub("a", "b", text)\n'


def placed(text: str, *imports: str, code: str = CODE) -> str:
    """The text after placing ``code`` at the comment with ``f(``; checks that only insertions were made."""
    line = next(number for number, each in enumerate(text.replace("\r\n", "\n").split("\n")) if "# f(" in each)
    comment = comment_at(text, line)
    assert comment is not None
    result = place(text, comment, code, read_imports(imports))
    kept = text
    for each in reversed(result.replacements):
        assert each.start == each.end
        kept = kept[: each.start] + each.text + kept[each.end :]
    assert kept == result.text
    lines = result.text.replace("\r\n", "\n").split("\n")
    assert lines[result.first].strip().startswith("def f(")
    assert any("return" in each for each in lines[result.first : result.last + 1])
    return result.text


FUNCTION = '# f("x") -> "y"\ndef f(text: str) -> str:\n    """Do it."""\n    return re.sub("a", "b", text)\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # imports
        ('import os\n\n# f("x") -> "y"\n', f"import os\nimport re\n\n{FUNCTION}"),
        ('import sys\n\n# f("x") -> "y"\n', f"import re\nimport sys\n\n{FUNCTION}"),
        ('import re\n\n# f("x") -> "y"\n', f"import re\n\n{FUNCTION}"),
        ('import os\n\nimport requests\n\n# f("x") -> "y"\n', f"import os\nimport re\n\nimport requests\n\n{FUNCTION}"),
        ('import requests\n\n# f("x") -> "y"\n', f"import re\n\nimport requests\n\n{FUNCTION}"),
        ('from . import a\n\n# f("x") -> "y"\n', f"import re\n\nfrom . import a\n\n{FUNCTION}"),
        ('"""Doc."""\n\n# f("x") -> "y"\n', f'"""Doc."""\n\nimport re\n\n\n{FUNCTION}'),
        ('"""Doc."""\nx = 1\n\n# f("x") -> "y"\n', f'"""Doc."""\n\nimport re\n\nx = 1\n\n{FUNCTION}'),
        (
            'from __future__ import annotations\n\n# f("x") -> "y"\n',
            f"from __future__ import annotations\n\nimport re\n\n{FUNCTION}",
        ),
        (
            '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\n\n# f("x") -> "y"\n',
            f'"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\nimport re\n\n{FUNCTION}',
        ),
        (
            '#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\n# f("x") -> "y"\n',
            f"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\nimport re\n\n\n{FUNCTION}",
        ),
        ('# f("x") -> "y"\n', f"import re\n\n\n{FUNCTION}"),
        ('# f("x") -> "y"', f"import re\n\n\n{FUNCTION}".removesuffix("\n")),
        ('from re import match\n\n# f("x") -> "y"\n', f"import re\nfrom re import match\n\n{FUNCTION}"),
        (
            'import os\n\ntry:\n    import a\nexcept ImportError:\n    a = None\n\n# f("x") -> "y"\n',
            f"import os\nimport re\n\ntry:\n    import a\nexcept ImportError:\n    a = None\n\n{FUNCTION}",
        ),
        # what follows
        ('import re\n\n# f("x") -> "y"\nx = 1\n', f"import re\n\n{FUNCTION}\n\nx = 1\n"),
        ('import re\n\n# f("x") -> "y"\n\nx = 1\n', f"import re\n\n{FUNCTION}\n\nx = 1\n"),
        ('import re\n\n# f("x") -> "y"\n\n\n\nx = 1\n', f"import re\n\n{FUNCTION}\n\n\nx = 1\n"),
    ],
)
def test_code_and_imports_go_where_a_person_would_put_them(before: str, after: str) -> None:
    assert placed(before, "import re") == after


def test_another_name_from_a_module_joins_its_line_in_order() -> None:
    text = 'from collections import ChainMap, deque\n\n# f("x") -> "y"\n'
    after = placed(text, "from collections import Counter")
    assert after.startswith("from collections import ChainMap, Counter, deque\n")
    assert placed(text, "from collections import zebra").startswith("from collections import ChainMap, deque, zebra\n")
    assert placed(text, "from collections import deque").startswith("from collections import ChainMap, deque\n\n# f")


def test_bracketed_commented_and_star_imports_are_left_alone() -> None:
    lines = ("from collections import (\n    deque,\n)", "from collections import deque  # why", "from os import *")
    for line in lines:
        after = placed(f'{line}\n\n# f("x") -> "y"\n', "from collections import Counter")
        assert line in after
        assert "from collections import Counter\n" in after


def test_a_name_that_the_module_binds_otherwise_is_imported_in_the_function() -> None:
    after = placed('re = 5\n\n# f("x") -> "y"\n', "import re")
    assert after == (
        're = 5\n\n# f("x") -> "y"\ndef f(text: str) -> str:\n    """Do it."""\n    import re\n'
        '    return re.sub("a", "b", text)\n'
    )


def test_a_method_takes_the_indentation_of_its_class() -> None:
    after = placed('import re\n\nclass A:\n  x = 1\n\n  # f("x") -> "y"\n\n  y = 2\n', "import re")
    assert after == (
        'import re\n\nclass A:\n  x = 1\n\n  # f("x") -> "y"\n  def f(text: str) -> str:\n    """Do it."""\n'
        '    return re.sub("a", "b", text)\n\n  y = 2\n'
    )


def test_the_last_member_of_a_class_leaves_the_distance_after_it() -> None:
    after = placed('import re\n\nclass A:\n    # f("x") -> "y"\n\n\ndef g(): ...\n', "import re")
    assert after.endswith("text)\n\n\ndef g(): ...\n")


def test_tabs_carriage_returns_and_form_feeds_are_kept() -> None:
    text = 'import re\r\n\x0c\r\nclass A:\r\n\tx = 1\r\n\r\n\t# f("x") -> "y"\r\n\r\n\ty = "é🎉\u2028"\r\n'
    after = placed(text, "import re")
    assert after.count("\n") == after.count("\r\n")
    assert '\t# f("x") -> "y"\r\n\tdef f(text: str) -> str:\r\n\t\t"""Do it."""\r\n\t\treturn' in after


def test_the_inside_of_texts_keeps_its_own_indentation() -> None:
    code = 'def f(text: str) -> str:\n    """Do it.\n\n    More.\n    """\n    return """a\n  b\nc"""\n'
    after = placed('class A:\n    # f("x") -> "y"\n', code=code)
    assert '        """Do it.\n\n        More.\n        """\n        return """a\n  b\nc"""\n' in after


def test_several_imports_form_one_group_in_order() -> None:
    after = placed('# f("x") -> "y"\n', "from collections import Counter", "import re", "import itertools")
    assert after.startswith('import itertools\nimport re\nfrom collections import Counter\n\n\n# f("x")')


def test_only_plain_imports_are_understood() -> None:
    assert read_imports(["import a.b", "from c import (d, e as f)"]) == (
        Import("a.b"),
        Import("d", "c"),
        Import("e", "c", "f"),
    )
    with pytest.raises(ValueError, match="not an import"):
        read_imports(["from x import *"])
