"""The CEL library without its command line, which its package loads too: a tenth of each start, and megabytes."""

import sys
from types import ModuleType

COMMAND_LINE = "cel.cli"

if "cel" in sys.modules:
    import cel
else:
    sys.modules[COMMAND_LINE] = ModuleType(COMMAND_LINE)
    try:
        import cel
    finally:
        del sys.modules[COMMAND_LINE]  # whoever wants it gets it

__all__ = ["cel"]
