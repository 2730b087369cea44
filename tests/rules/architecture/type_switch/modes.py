"""Words of one attribute, switched over in three functions; and handlers that are one method of several classes."""


def opened(job):
    if job.mode == "read":  # bad: type-switch
        return open(job.path)
    if job.mode == "write":
        return open(job.path, "w")
    if job.mode == "append":
        return open(job.path, "a")


def title(job):
    if job.mode == "read":
        return "reading"
    elif job.mode == "write":
        return "writing"
    elif job.mode == "append":
        return "appending"


def allowed(job):
    if job.mode == "read":
        return True
    if job.mode == "write":
        return job.owner
    return job.mode != "append" or bool(job.owner) if job.mode == "append" else False


def symbol(job):
    if job.mode == "read":
        return "<"
    if job.mode == "write":
        return ">"
    if job.mode == "append":
        return ">>"


class Idle:
    def handle(self, event):
        if event.name == "start":  # ok: type-switch
            return Busy()
        if event.name == "stop":
            return None
        if event.name == "ask":
            return self


class Busy:
    def handle(self, event):
        if event.name == "start":
            return self
        if event.name == "stop":
            return Idle()
        if event.name == "ask":
            return self


class Broken:
    def handle(self, event):
        if event.name == "start":
            return self
        if event.name == "stop":
            return self
        if event.name == "ask":
            return Idle()
