import struct


def read(stream):
    data = b""
    while chunk := stream.read(4096):
        data += chunk  # bad: text-built-in-loop
    return data


def reverse(text):
    out = ""
    for char in text:
        out = char + out  # bad: text-built-in-loop
    return out


class Writer:
    def write(self, rows):
        for row in rows:
            self.text += f"{row}\n"  # bad: text-built-in-loop

    def count(self, rows):
        for row in rows:
            self.total += 1  # ok: text-built-in-loop

    def reset(self, rows):
        for row in rows:
            self.line = ""
            self.line += "x"  # ok: text-built-in-loop

    def extend(self, rows):
        for row in rows:
            self.rows += [row]  # ok: text-built-in-loop


def local(rows):
    out = ""
    for row in rows:
        out += str(row)  # ok: text-built-in-loop
    return out


def buffer(stream):
    data = bytearray()
    while chunk := stream.read(4096):
        data += chunk  # ok: text-built-in-loop
    return data


def number(rows):
    total = 0
    for row in rows:
        total = row + total  # ok: text-built-in-loop
    return total


def once(stream):
    data = b""
    data += stream.read()  # ok: text-built-in-loop
    return data


def of_each(vouchers):
    for voucher in vouchers:
        voucher.comment += "sent"  # ok: text-built-in-loop


def free_name(names):
    name = "x"
    while name in names:
        name = "_" + name  # ok: text-built-in-loop
    return name


def derived(make, password, salt, length):
    key = part = b""
    while len(key) < length:
        part = make(part + password + salt).digest()
        key += part  # ok: text-built-in-loop
    return key[:length]


def expanded(make, seed, rounds):
    mask = b""
    for number in range(rounds):
        mask += make(seed + bytes([number])).digest()  # ok: text-built-in-loop
    return mask


def checked(make, records):
    sums = b""
    for record in records:
        sums += make(record).digest()  # bad: text-built-in-loop
    return sums


def received(make, stream, length):
    data = b""
    check = make()
    while len(data) < length:
        piece = stream.read(4096)
        check.update(piece)
        print(check.digest())
        data += piece  # bad: text-built-in-loop
    return data


def packed(pack, rows):
    data = b""
    for row in rows:
        if len(data) % 2:
            data = data + b"\0"  # bad: text-built-in-loop
        data = data + pack(row)  # bad: text-built-in-loop
    return data


def listed(names):
    text = "{"
    for name in names:
        text = text + " " + str(name)  # bad: text-built-in-loop
    return text + "}"


def in_place(names):
    text = ""
    for name in names:
        text = text + name  # ok: text-built-in-loop
    return text


def pairs(table, rows):
    data = struct.pack(">H", len(rows))
    for left, right in rows:
        data = data + struct.pack(">HH", left, right)  # bad: text-built-in-loop
    return data


def numbered(rows):
    total = 0
    for row in rows:
        total = total + row.size + 1  # ok: text-built-in-loop
    return total


def rows_of_bytes(pack, rows):
    for row in rows:
        line = b""
        for cell in row:
            line = line + pack(cell)  # ok: text-built-in-loop
        print(line)


def begun_again(pack, rows):
    data = b""
    for row in rows:
        data = data + pack(row)  # ok: text-built-in-loop
        if row.last:
            data = b""
    return data


def few_tries(stream):
    data = b""
    tries = 0
    while tries < 3:
        data = data + stream.read()  # ok: text-built-in-loop
        tries += 1
    return data


def few_finds(stream):
    data = b""
    found = 0
    while found < 3:
        data = data + stream.read()  # bad: text-built-in-loop
        if data.endswith(b"x"):
            found += 1
    return data


def tries_begin_anew(stream):
    data = b""
    tries = 0
    while tries < 3:
        piece = stream.read()
        tries += 1
        if piece:
            tries = 0
            data = data + piece  # bad: text-built-in-loop
    return data


def first_piece(stream):
    data = b""
    for chunk in stream:
        data = data + chunk  # ok: text-built-in-loop
        break
    return data


def read_up_to(stream, size):
    data = b""
    while len(data) < size:
        data += stream.recv(size - len(data))  # ok: text-built-in-loop
    return data


def counted_down(stream, left):
    data = b""
    while True:
        piece = stream.read(left)
        data += piece  # ok: text-built-in-loop
        left -= len(piece)
        if not left:
            return data


def counted_for_a_report(stream, size):
    data = b""
    left = size
    while True:
        piece = stream.read(4096)
        if not piece:
            return data, left
        data += piece  # bad: text-built-in-loop
        left -= len(piece)


def one_line(stream):
    line = b""
    while b"\n" not in line:
        line += stream.recv(1024)  # ok: text-built-in-loop
    return line


def no_reading(pieces, size):
    data = b""
    while len(data) < size:
        data += pieces.make()  # bad: text-built-in-loop
    return data


def in_small_parts(stream, left):
    data = b""
    while left > 0:
        piece = stream.read(16)
        data += piece  # bad: text-built-in-loop
        left -= len(piece)
    return data


def length_in_two_bytes(ranges):
    payload = b""
    for start, count in ranges:
        payload += struct.pack("!LL", start, count)  # ok: text-built-in-loop
    return struct.pack("!BH", 9, len(payload)) + payload


def length_in_four_bytes(ranges):
    payload = b""
    for start, count in ranges:
        payload += struct.pack("!LL", start, count)  # bad: text-built-in-loop
    return struct.pack("!BL", 9, len(payload)) + payload


def another_number(ranges, kind):
    payload = b""
    for start, count in ranges:
        payload += struct.pack("!LL", start, count)  # bad: text-built-in-loop
    return struct.pack("!HL", kind, len(payload)) + payload


def length_in_one_byte(parts):
    payload = b""
    for part in parts:
        payload = payload + struct.pack("!LL", part, 1)  # ok: text-built-in-loop
    return bytes([len(payload)]) + payload


def letters_of(index):
    result = ""
    while index >= 0:
        result = chr(index % 26 + 65) + result  # ok: text-built-in-loop
        index = index // 26 - 1
    return result


def bits_of(value, bits):
    result = ""
    for _ in range(bits):
        result = "01"[value & 1] + result  # ok: text-built-in-loop
        value >>= 1
    return result


def digits_of(number, base):
    result = ""
    while number:
        number, digit = divmod(number, base)
        result = str(digit) + result  # ok: text-built-in-loop
    return result


def halves(rows):
    result = ""
    for row in rows:
        half = row.length // 2
        result = row.name[:half] + result  # bad: text-built-in-loop
    return result


MOST = 12


def length_of(stream):
    digits = b""
    while (sign := stream.read(1)).isdigit():
        digits += sign  # ok: text-built-in-loop
        if len(digits) > 12:
            raise ValueError(digits)
    return int(digits)


def up_to_a_constant(chunks):
    data = b""
    for chunk in chunks:
        data += chunk  # ok: text-built-in-loop
        if len(data) >= MOST:
            break
    return data


def shown_meanwhile(chunks):
    data = b""
    for chunk in chunks:
        data += chunk  # bad: text-built-in-loop
        if len(data) > 12:
            print("more than a line")
    return data


class Step:
    def __init__(self, definitions):
        self.command = "build"
        for key in definitions:
            self.command += " -D" + key  # ok: text-built-in-loop

    def __str__(self):
        for key in self.definitions:
            self.command += " -D" + key  # bad: text-built-in-loop
        return self.command
