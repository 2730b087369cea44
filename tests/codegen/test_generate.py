"""From a comment to a checked, tested, placed function, with no model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from suture.analyzers.errors import Cancelled
from suture.analyzers.files import Found
from suture.analyzers.sandbox import Sandbox
from suture.analyzers.store import open_store
from suture.codegen.api import Budget, GenerationRequest, Proposal, drafters, generate
from suture.codegen.artifacts.book import proposal as stored

Write = Callable[[str, str], Path]

SLUG = '# Turn a title into a slug.\n# slugify("Hello, World!") -> "hello-world"\n# slugify("A b!") -> "a-b"\n'


def ask(root: Path, path: Path, sandbox: Sandbox | None, **options: object) -> Proposal:
    text = path.read_bytes().decode()
    line = next(number for number, each in enumerate(text.split("\n")) if each.lstrip().startswith("#"))
    request = GenerationRequest(root, path, text, line, **options)  # type: ignore[arg-type]
    return generate(request, sandbox=sandbox, model=None, budget=Budget())


def kinds(proposal: Proposal) -> list[str]:
    return [each.kind for each in proposal.evidence]


def test_a_file_that_is_gone_when_it_is_read_is_no_candidate(
    workspace: Path, write: Write, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(_: object) -> list[Found]:
        return [Found(workspace / "gone.py")]

    monkeypatch.setattr("suture.codegen.drafters.reuse.python_files", listed)
    assert ask(workspace, write("text.py", SLUG), sandbox).status == "offered"


def test_a_slug_is_synthesised_from_two_examples_and_tested(workspace: Path, write: Write, sandbox: Sandbox) -> None:
    path = write("text.py", f'"""Words."""\n\n{SLUG}\nX = 1\n')
    proposal = ask(workspace, path, sandbox)
    assert (proposal.status, proposal.provider, proposal.verified) == ("offered", "synthesis", True)
    assert kinds(proposal) == ["parsed", "counted", "linted", "reviewed", "tested"]
    assert proposal.imports == ("import re",)
    assert proposal.cost_usd == 0.0
    assert proposal.edit is not None
    code, tests = proposal.edit.files
    after = code.apply(path.read_text())
    assert after.startswith('"""Words."""\n\nimport re\n\n\n# Turn a title into a slug.\n')
    assert after.endswith("\n\n\nX = 1\n")
    scope: dict[str, object] = {}
    exec(compile(after, "text.py", "exec"), scope)
    slugify = scope["slugify"]
    assert callable(slugify)
    assert slugify("  What's up, Doc?  ") == "what-s-up-doc"
    assert tests.path == (workspace / "tests" / "test_slugify.py").as_posix()
    assert tests.base == ""
    assert "from text import slugify" in tests.apply("")
    assert not (workspace / "tests").exists()


def test_a_function_of_the_workspace_is_reused_under_whatever_name(
    workspace: Path, write: Write, sandbox: Sandbox
) -> None:
    write("pkg/__init__.py", "")
    write(
        "pkg/strings.py",
        "import re\n\ndef broken(text):\n    raise SystemExit(3)\n\n"
        "def endless(text):\n    while True:\n        pass\n\n"
        "def kebab(text):\n    return re.sub('[^a-z0-9]+', '-', text.lower()).strip('-')\n",
    )
    path = write("pkg/app.py", SLUG)
    proposal = ask(workspace, path, sandbox)
    assert (proposal.status, proposal.provider, proposal.verified) == ("offered", "reuse", True)
    assert proposal.imports == ("from pkg.strings import kebab",)
    assert "return kebab(text)" in proposal.code
    assert kinds(proposal)[0] == "reproduced"


def test_a_function_of_the_same_name_elsewhere_does_not_call_itself(
    workspace: Path, write: Write, sandbox: Sandbox
) -> None:
    write("other.py", "def slugify(text):\n    return '-'.join(text.lower().strip('!').replace(',', '').split())\n")
    proposal = ask(workspace, write("app.py", SLUG), sandbox)
    assert proposal.provider == "reuse"
    assert proposal.imports == ("import other",)
    assert "return other.slugify(text)" in proposal.code


def test_the_standard_library_is_reused(workspace: Path, write: Write, sandbox: Sandbox) -> None:
    path = write("app.py", '# escape_html("<a & b>") -> "&lt;a &amp; b&gt;"\n# escape_html("it\'s") -> "it&#x27;s"\n')
    proposal = ask(workspace, path, sandbox)
    assert (proposal.provider, proposal.imports) == ("reuse", ("import html",))
    assert "return html.escape(text)" in proposal.code


def test_a_coincidence_is_not_reuse(workspace: Path, write: Write, sandbox: Sandbox) -> None:
    write("other.py", "def unrelated(number):\n    return 4\n")
    proposal = ask(workspace, write("app.py", "# f(2) -> 4\n"), sandbox)
    assert proposal.status == "refused"
    assert "chance" in proposal.reason
    assert "add another example" in proposal.reason or "say what f(" in proposal.reason


def test_a_module_that_imports_the_target_is_not_reused_in_it(workspace: Path, write: Write, sandbox: Sandbox) -> None:
    write(
        "other.py",
        "import app\n\ndef slugify(text):\n    return text.lower().strip('!').replace(' ', '-').replace(',', '')\n",
    )
    assert ask(workspace, write("app.py", SLUG), sandbox).provider == "synthesis"


def test_a_comment_in_a_class_becomes_a_method(workspace: Path, write: Write, sandbox: Sandbox) -> None:
    text = (
        "class Names:\n    def __init__(self, x):\n        self.x = x\n\n"
        "    # Reverse the words of a text.\n"
        '    # backwards("a b c") -> "c b a", backwards("hello big world") -> "world big hello"\n'
    )
    path = write("app.py", text)
    request = GenerationRequest(workspace, path, text, 4)
    proposal = generate(request, sandbox=sandbox, model=None)
    assert (proposal.status, proposal.verified) == ("offered", True)
    assert proposal.code.startswith("def backwards(self, text: str) -> str:\n")
    assert proposal.edit is not None
    assert "\n    def backwards(self, text: str) -> str:\n" in proposal.edit.files[0].apply(text)


def test_without_a_sandbox_nothing_runs_and_the_proposal_says_so(workspace: Path, write: Write) -> None:
    proposal = ask(workspace, write("app.py", SLUG), None)
    assert (proposal.status, proposal.verified) == ("offered", False)
    assert proposal.edit is not None
    assert not proposal.edit.verified
    assert "tested" not in kinds(proposal)
    assert any("not run" in each for each in proposal.notes)
    assert proposal.confidence <= 0.5


def test_a_module_that_cannot_be_imported_here_is_tested_on_its_own_and_says_so(
    workspace: Path, write: Write, sandbox: Sandbox
) -> None:
    path = write("app.py", f"import a_package_that_is_not_installed\n\n{SLUG}")
    text = path.read_text()
    proposal = generate(GenerationRequest(workspace, path, text, 2), sandbox=sandbox, model=None)
    assert proposal.verified
    assert any("on its own" in each and "a_package_that_is_not_installed" in each for each in proposal.notes)


def test_an_existing_definition_is_not_written_again(workspace: Path, write: Write) -> None:
    path = write("app.py", f"{SLUG}\n\ndef slugify(text):\n    return text\n")
    proposal = ask(workspace, path, None)
    assert (proposal.status, proposal.reason) == ("refused", "slugify is already defined on line 6")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# Constants\n", "neither describes a function"),
        ("# f(1) -> 2, f(1) -> 3\n", "contradict"),
        ("# Reticulate the splines of a text\n", "no examples"),
        ("# f() -> 3\n", "no arguments"),
    ],
)
def test_what_cannot_be_written_is_refused_with_the_reason(
    workspace: Path, write: Write, text: str, reason: str
) -> None:
    proposal = ask(workspace, write("app.py", text), None)
    assert proposal.status == "refused"
    assert reason in proposal.reason
    assert proposal.edit is None


def test_what_an_existing_test_file_holds_stays(workspace: Path, write: Write) -> None:
    write("tests/test_slugify.py", "# mine\n")
    proposal = ask(workspace, write("app.py", SLUG), None)
    assert proposal.tests
    assert proposal.edit is not None
    (_, tests) = proposal.edit.files
    assert "# mine\n" in tests.apply("# mine\n")


def test_tests_and_type_hints_can_be_left_out(workspace: Path, write: Write) -> None:
    proposal = ask(workspace, write("app.py", SLUG), None, include_tests=False, include_type_hints=False)
    assert proposal.edit is not None
    assert len(proposal.edit.files) == 1
    assert proposal.code.startswith("def slugify(text):\n")


def test_a_typed_specification_replaces_the_comment(workspace: Path, write: Write) -> None:
    path = write("app.py", "# Constants\n\nx = 1\n")
    proposal = ask(workspace, path, None, specification='shout("a b") -> "A B!", shout("x") -> "X!"')
    assert proposal.status == "offered"
    assert proposal.edit is not None
    scope: dict[str, object] = {}
    exec(compile(proposal.edit.files[0].apply(path.read_text()), "app.py", "exec"), scope)
    assert callable(scope["shout"])


def test_what_was_proposed_is_recorded_with_how_it_came_about(workspace: Path, write: Write) -> None:
    proposal = ask(workspace, write("app.py", SLUG), None)
    with open_store(workspace) as store:
        kept = stored(store, proposal.id)
    assert kept is not None
    assert (kept.kind, kept.name, kept.status) == ("comment", "slugify", "awaiting approval")
    assert kept.provenance["drafter"] == "synthesis"
    assert (
        kept.provenance["specification"]
        == 'Turn a title into a slug.\nslugify("Hello, World!") -> "hello-world"\nslugify("A b!") -> "a-b"'
    )
    assert kept.code_sha256 == hashlib.sha256(kept.code.encode()).hexdigest()


def test_cancelling_stops_before_anything_is_offered(workspace: Path, write: Write) -> None:
    path = write("app.py", SLUG)
    request = GenerationRequest(workspace, path, path.read_text(), 0)
    with pytest.raises(Cancelled):
        generate(request, sandbox=None, model=None, cancel=lambda: True)


def test_local_providers_come_before_any_model() -> None:
    assert [each.name for each in drafters()][:3] == ["reuse", "synthesis", "model"]
