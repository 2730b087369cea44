"""Text, bytes, lists and tuples that are put together piece by piece."""


class Report:
    def __init__(self) -> None:
        self.text = ""
        self.data = b""

    def fill(self, rows: list[str]) -> str:
        for row in rows:
            self.text += row + "\n"  # slow: str_concat
        return self.text


def packet(parts: list[bytes]) -> bytes:
    whole = b""
    for part in parts:
        whole += part  # slow: str_concat
    return whole


def packet_of_array(parts: list[bytes]) -> bytes:
    whole = bytearray()
    for part in parts:
        whole += part  # fast: str_concat
    return bytes(whole)


def lines_joined(rows: list[str]) -> str:
    return "".join(row + "\n" for row in rows)  # fast: str_concat


def lines_appended(rows: list[str]) -> str:
    text = ""
    for row in rows:
        text += row + "\n"  # fast: str_concat
    return text


def flattened(groups: list[list[int]]) -> list[int]:
    flat: list[int] = []
    for group in groups:
        flat = flat + group  # slow: list_concat
    return flat


def flattened_in_place(groups: list[list[int]]) -> list[int]:
    flat: list[int] = []
    for group in groups:
        flat += group  # fast: list_concat
    return flat


def flattened_by_sum(groups: list[list[int]]) -> list[int]:
    return sum(groups, [])  # slow: list_concat


def path_of_pairs(pairs):
    path = ()
    for left, right in pairs:
        path = path + ((left, right),)  # slow: list_concat
    return path


def merged(updates: list[dict[str, int]]) -> dict[str, int]:
    state: dict[str, int] = {}
    for update in updates:
        state = {**state, **update}  # slow: copy
    return state


def merged_in_place(updates: list[dict[str, int]]) -> dict[str, int]:
    state: dict[str, int] = {}
    for update in updates:
        state.update(update)  # fast: copy
    return state
