import hmac


def verify(sent, body, key):
    expected = hmac.new(key, body, "sha256").hexdigest()
    return sent == expected  # bad: timing-comparison


def verify_at_once(sent, body, key):
    return hmac.new(key, body, "sha256").digest() != sent  # bad: timing-comparison


def verify_well(sent, body, key):
    return hmac.compare_digest(sent, hmac.new(key, body, "sha256").hexdigest())  # ok: timing-comparison


def same(one, other):
    return one == other  # ok: timing-comparison
