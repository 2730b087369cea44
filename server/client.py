"""What the client can do, read once from its capabilities: plain flags instead of long chains of optional fields.

It holds no state and sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from lsprotocol import types

from ..analyzers.source import Encoding


@dataclass(frozen=True, slots=True)
class Client:
    """Flags are false when the client says nothing."""

    encoding: Encoding = "utf-16"
    pull: bool = False  # textDocument/diagnostic
    refresh_diagnostics: bool = False
    refresh_lenses: bool = False
    related_information: bool = False
    code_description: bool = False
    data: bool = False  # Diagnostic.data comes back in code action requests
    unnecessary_tag: bool = False
    document_changes: bool = False
    create_files: bool = False
    annotations: bool = False
    resolve_edit: bool = False
    preferred: bool = False
    llm_tag: bool = False
    progress: bool = False  # window/workDoneProgress/create
    show_document: bool = False
    text_document_content: bool = False
    apply_edit: bool = False
    markdown_hover: bool = False
    input: bool = False  # suture/input: can ask the person for a line of text
    preview: bool = False  # shows generated code before it makes workspace/applyEdit

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities, encoding: Encoding) -> Client:
        workspace = capabilities.workspace or types.WorkspaceClientCapabilities()
        document = capabilities.text_document or types.TextDocumentClientCapabilities()
        window = capabilities.window or types.WindowClientCapabilities()
        edit = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
        action = document.code_action or types.CodeActionClientCapabilities()
        pull = document.diagnostic
        detail = pull if pull is not None else document.publish_diagnostics
        # Clients that pull sometimes describe the shape of a diagnostic only under publishDiagnostics.
        shapes = [each for each in (detail, document.publish_diagnostics) if each is not None]
        resolve = action.resolve_support
        tags = action.tag_support
        hover = document.hover
        return cls(
            encoding=encoding,
            pull=pull is not None,
            refresh_diagnostics=bool(workspace.diagnostics and workspace.diagnostics.refresh_support),
            refresh_lenses=bool(workspace.code_lens and workspace.code_lens.refresh_support),
            related_information=any(each.related_information for each in shapes),
            code_description=any(each.code_description_support for each in shapes),
            data=any(each.data_support for each in shapes),
            unnecessary_tag=any(
                each.tag_support is not None and types.DiagnosticTag.Unnecessary in each.tag_support.value_set
                for each in shapes
            ),
            # Operations on files only come in documentChanges: Neovim says that it takes the former, not the latter.
            document_changes=bool(edit.document_changes or edit.resource_operations),
            create_files=types.ResourceOperationKind.Create in (edit.resource_operations or ()),
            annotations=edit.change_annotation_support is not None,
            resolve_edit=resolve is not None and "edit" in resolve.properties and bool(action.data_support),
            preferred=bool(action.is_preferred_support),
            llm_tag=tags is not None and types.CodeActionTag.LlmGenerated in tags.value_set,
            progress=bool(window.work_done_progress),
            show_document=bool(window.show_document and window.show_document.support),
            text_document_content=workspace.text_document_content is not None,
            apply_edit=bool(workspace.apply_edit),
            input=_says(capabilities.experimental, "input"),
            preview=_says(capabilities.experimental, "preview"),
            markdown_hover=hover is not None and types.MarkupKind.Markdown in (hover.content_format or ()),
        )


def _says(experimental: Any, name: str) -> bool:
    """``{"suture": {name: true}}`` among the experimental capabilities, as objects or as plain JSON."""
    value = experimental
    for key in ("suture", name):
        value = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else getattr(value, key, None)
    return value is True
