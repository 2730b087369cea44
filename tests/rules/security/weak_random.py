import random
import secrets


def reset_token():
    return "%032x" % random.getrandbits(128)  # bad: weak-random


def login(user):
    user.otp = "".join(random.choice("0123456789") for _ in range(6))  # bad: weak-random


def invite():
    code = {"invite_code": random.randrange(10**9)}  # bad: weak-random
    return code


def fresh_token():
    return secrets.token_hex(16)  # ok: weak-random


def system_token():
    return random.SystemRandom().getrandbits(128)  # ok: weak-random


def dice():
    return random.randint(1, 6)  # ok: weak-random


def wait(delay):
    return delay * (1 + random.random())  # ok: weak-random


def password_from(seed, length):
    generator = random.Random(seed)  # ok: weak-random
    return "".join(generator.choice("abcdef") for _ in range(length))


async def vendor_to_code(config, number):
    number = random.randint(0, 0xFFFFFF)  # ok: weak-random
    config.add("vendor", number)
