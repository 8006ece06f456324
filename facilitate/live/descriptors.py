"""How many files, and so connections, this process may have open at the same time."""

UNLIMITED = 1_000_000
OTHERS = 64  # files beside the lines, at least: the store, what it sorts, the log, pages
TENTH = 10


def allowed(needed: int) -> int:
    """Raise the limit to `needed` as far as the system lets us; how many there may be now."""
    try:
        import resource
    except ImportError:  # a system that does not count them
        return needed
    unlimited = resource.RLIM_INFINITY
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == unlimited or soft >= needed:
        return needed
    raised = needed if hard == unlimited else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    return raised


def lines() -> int:
    """How many connections there may be, so that files are left for everything else."""
    try:
        import resource
    except ImportError:
        return UNLIMITED
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return UNLIMITED if soft == resource.RLIM_INFINITY else soft - max(min(OTHERS, soft // 2), soft // TENTH)
