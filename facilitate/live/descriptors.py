"""How many files, and so connections, this process may have open at the same time."""


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
