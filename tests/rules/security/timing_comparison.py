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


def hook(request, options):
    received = str(request.getHeader("X-Gitlab-Token"))
    expected_secret = options.get("secret")
    if received != expected_secret:  # bad: timing-comparison
        raise ValueError("Invalid secret")


def authorised(request, settings):
    return request.headers.get("X-Api-Key") == settings.api_key  # bad: timing-comparison


def has_token(request):
    return request.headers.get("X-Api-Token") == "none"  # ok: timing-comparison


def is_not_forged(request, session):
    return request.headers.get("X-CSRF-Token") == session["csrf_token"]  # ok: timing-comparison


def is_signed_in(request, kind):
    return request.headers.get("X-Token-Type") == kind  # ok: timing-comparison


def hook_well(request, secret):
    return hmac.compare_digest(request.headers["X-Hub-Secret"], secret)  # ok: timing-comparison
