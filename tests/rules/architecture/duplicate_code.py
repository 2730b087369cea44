import os
from typing import overload


class Application:
    def open_resource(self, name, mode="rb"):  # bad: duplicate-code
        """Open a resource of the application."""
        if mode not in {"r", "rt", "rb"}:
            raise ValueError("resources can only be opened for reading")
        path = os.path.join(self.root_path, name)
        if mode == "rb":
            return open(path, mode)
        return open(path, mode, encoding="utf-8")


class Blueprint:
    def open_file(self, resource, how="rb"):  # bad: duplicate-code
        # the same, with other names and another docstring
        if how not in {"r", "rt", "rb"}:
            raise ValueError("only for reading")
        target = os.path.join(self.root_path, resource)
        if how == "rb":
            return open(target, how)
        return open(target, how, encoding="utf-8")


class Archive:
    def open_resource(self, name, mode="rb"):  # ok: duplicate-code
        if mode != "rb":
            raise ValueError("archives hold bytes")
        member = self.archive.getinfo(name)
        if member.is_dir():
            return self.archive.listing(member)
        return self.archive.open(member, self.password)


class Writer:
    def visit_subscript(self, node):  # ok: duplicate-code
        self.body.append("<sub>" + self.escape(node.text) + "</sub>")
        self.context.append((node.start, node.end, node.tag))

    def visit_superscript(self, node):  # ok: duplicate-code
        self.body.append("<sup>" + self.escape(node.text) + "</sup>")
        self.context.append((node.start, node.end, node.tag))


@overload
def first(values: list[int], default: int, *, key: str, strict: bool, limit: int) -> int: ...  # ok: duplicate-code
@overload
def first(values: list[str], default: str, *, key: str, strict: bool, limit: int) -> str: ...  # ok: duplicate-code
def first(values, default, *, key, strict, limit):
    return values[0] if values else default


def pred_dates(graph, node, preds):  # bad: duplicate-code
    dates = []
    if graph.directed:
        for n in preds:
            dates.append(graph[n][node]["date"])
    else:
        for n in preds:
            for edge in graph[n][node].values():
                dates.append(edge["date"])
    return dates


def succ_dates(graph, node, succs):  # bad: duplicate-code
    dates = []
    if graph.directed:
        for n in succs:
            dates.append(graph[node][n]["date"])
    else:
        for n in succs:
            for edge in graph[node][n].values():
                dates.append(edge["date"])
    return dates


class Store:
    def page(self, folder, limit):  # ok: duplicate-code
        rows = []
        for name in self.names(folder):
            if name.startswith("."):
                continue
            rows.append((name, self.size(folder, name)))
            if len(rows) >= limit:
                break
        return sorted(rows)


class AsyncStore:
    async def page(self, folder, limit):  # ok: duplicate-code
        rows = []
        for name in await self.names(folder):
            if name.startswith("."):
                continue
            rows.append((name, await self.size(folder, name)))
            if len(rows) >= limit:
                break
        return sorted(rows)
