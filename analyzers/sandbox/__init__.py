"""The sandbox: the only place that starts a process which runs workspace code."""

from .backend import BackendStatus
from .classify import environment_error
from .interface import Cache, CallResult, CancelCheck, Job, Limits, Outcome, Reason, Sandbox
from .opening import describe, open_sandbox

__all__ = [
    "BackendStatus",
    "Cache",
    "CallResult",
    "CancelCheck",
    "Job",
    "Limits",
    "Outcome",
    "Reason",
    "Sandbox",
    "describe",
    "environment_error",
    "open_sandbox",
]
