# Sourced by bin/up and bin/test: finds a Python that can run the gateway, as $python; else says what to install.
python=
for candidate in "${KMRL_PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14 python; do
  [ -n "$candidate" ] || continue
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    if "$candidate" -c 'import venv, ensurepip' >/dev/null 2>&1; then python=$candidate; break; fi
    unfit=$candidate
  fi
done
if [ -z "$python" ]; then
  if [ -n "${unfit:-}" ]; then
    echo "This Python ($("$unfit" --version)) lacks venv: install it (Debian and Ubuntu: apt install python3-venv)." >&2
  else
    echo "KMRL Gateway needs Python 3.11 or newer: install it (Debian 12, Ubuntu 24.04: apt install python3 python3-venv), or name one with KMRL_PYTHON." >&2
  fi
  exit 1
fi
