# Sourced by bin/test: finds Chromium for the browser tests, or begins to install Debian's. `browser_is_found` waits for
# that. KMRL_CHROMIUM names it; without one the tests are skipped and say KMRL_NO_BROWSER, except where CI is set: there
# it is an error. The headless shell is the same engine without a window's surroundings, which no test sees and which
# took a third of the browser's time.
KMRL_CHROMIUM=${KMRL_CHROMIUM:-}
chromium_here() {
  for name in chromium-headless-shell chromium chromium-browser google-chrome; do command -v "$name" && return; done
}
malayalam_here() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=ml family 2>/dev/null)" ]; }
as_root=; [ "$(id -u)" = 0 ] || as_root='sudo -n'
installed() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"; }
[ -n "$KMRL_CHROMIUM" ] || KMRL_CHROMIUM=$(chromium_here) || KMRL_CHROMIUM=
installing=
if { [ -z "$KMRL_CHROMIUM" ] || ! malayalam_here; } && command -v apt-get >/dev/null && $as_root true >/dev/null 2>&1; then
  echo 'Installing Chromium and a Malayalam font from the system …'
  {
    $as_root apt-get update -q && installed fontconfig fonts-noto-core &&
      { [ -n "$KMRL_CHROMIUM" ] || installed chromium-headless-shell || installed chromium; }
  } >/dev/null 2>&1 &
  installing=$!
fi
browser_is_found() {  # fails where there must be one and is none
  [ -z "$installing" ] || wait "$installing" || echo 'Chromium and a Malayalam font could not be installed.'
  [ -n "$KMRL_CHROMIUM" ] || KMRL_CHROMIUM=$(chromium_here) || KMRL_CHROMIUM=
  if [ -z "$KMRL_CHROMIUM" ]; then
    KMRL_NO_BROWSER='no Chromium here and none could be installed (Debian: apt install chromium-headless-shell)'
    if [ -n "${CI:-}" ]; then echo "The browser tests cannot run: $KMRL_NO_BROWSER." >&2; return 1; fi
    echo "The browser tests are skipped: $KMRL_NO_BROWSER."
    export KMRL_NO_BROWSER
  fi
  export KMRL_CHROMIUM
}
