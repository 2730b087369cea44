"""The sandbox: the only place that starts a process which runs workspace code."""

from .interface import CallResult, CancelCheck, Job, Limits, Outcome, Reason, Sandbox

__all__ = ["CallResult", "CancelCheck", "Job", "Limits", "Outcome", "Reason", "Sandbox"]
