import hmac

from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET
from flask_wtf import FlaskForm

WTF_CSRF_ENABLED = False  # bad: csrf-disabled
WTF_CSRF_TIME_LIMIT = 3600  # ok: csrf-disabled


@csrf_exempt  # bad: csrf-disabled
def pay(request):
    request.user.pay(request.POST["sum"])


@csrf_protect  # ok: csrf-disabled
def pay_safely(request):
    request.user.pay(request.POST["sum"])


@require_GET
@csrf_exempt  # ok: csrf-disabled
def health(request):
    return None


@csrf_exempt  # ok: csrf-disabled
def hook(request):
    if not hmac.compare_digest(request.headers["X-Signature"], sign(request.body)):
        return None
    return request.body


@method_decorator(csrf_exempt, name="dispatch")  # bad: csrf-disabled
class Settings:
    pass


def sign(body):
    return hmac.new(b"key", body, "sha256").hexdigest()


class Ask(FlaskForm):
    class Meta:
        csrf = False  # bad: csrf-disabled


class Tell(FlaskForm):
    class Meta:
        csrf = True  # ok: csrf-disabled
