"""`python -m kmrl.supervision`: the gateway, all of it, in the foreground."""

import sys

from kmrl import environment as env
from kmrl.embedded.runner import CannotRun
from kmrl.supervision import gateway
from kmrl.supervision.checking import Unreadable
from kmrl.supervision.instance import Refused
from kmrl.supervision.supervisor import Failed, StopAsked


def main() -> int:
    """The exit code; what cannot be done is one sentence, not a traceback."""
    try:
        gateway.run()
    except StopAsked:
        return 0
    except (Refused, CannotRun, Failed, Unreadable, env.BadSetting, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
