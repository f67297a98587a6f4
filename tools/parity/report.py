"""What was measured beside its limit, line by line."""

failed = False


def judge(what, value, limit):
    global failed
    good = bool(value <= limit)
    failed |= not good
    print("%-5s %-84s %9.2e  limit %.1e" % ("ok" if good else "FAIL", what, value, limit), flush=True)


def tell(what, value, limit=None):
    """A figure that is not judged; where it has a limit of its own, whether it keeps it."""
    beside = "" if limit is None else "  limit %.1e" % limit
    mark = "over" if limit is not None and not value <= limit else "info"
    print("%-5s %-84s %9.2e%s" % (mark, what, value, beside), flush=True)


def note(text):
    print("      " + text, flush=True)
