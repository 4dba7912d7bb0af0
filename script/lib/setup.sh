# Sets up a checkout: virtual environment, packages by lock file, browser libraries, system libraries.
# Sourced by script/run, script/test and script/manage; everything it says goes to stderr.
# What is up to date is recognised by the lock file's hash and costs next to nothing.

SAM_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"
VENV="$SAM_ROOT/.venv"
VENV_PYTHON="$VENV/bin/python"
NEEDED_PACKAGES="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
QUIET="${QUIET:-}"

say() { [ -n "$QUIET" ] || printf '%s\n' "$*" >&2; }
stop() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

recent_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  if [ -n "${PYTHON:-}" ]; then
    recent_enough "$PYTHON" || stop "PYTHON is $PYTHON: SAM needs Python 3.11 or newer."
    printf '%s' "$PYTHON"
    return
  fi
  local candidate
  for candidate in python3 python3.12 python3.11 python3.13 python3.14; do
    if command -v "$candidate" >/dev/null && recent_enough "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  stop "SAM needs Python 3.11 or newer, and there is none on the PATH.
Type: $(as_root)apt-get install -y python3 python3-venv
or name one: PYTHON=/path/to/python3.12 script/run"
}

# "sudo " for an ordinary user, nothing for root.
as_root() { [ "$(id -u)" = 0 ] || printf 'sudo '; }

# Install Debian packages when nobody has to be asked for a password; otherwise say what to type.
install_packages() { # why, packages…
  local why="$1"
  shift
  local elevate=""
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then elevate="sudo -n"; else elevate="cannot"; fi
  fi
  if ! command -v apt-get >/dev/null; then
    stop "$why
Install it with the package manager of this machine. The names on Debian: $*"
  fi
  [ "$elevate" != cannot ] || stop "$why
Type: sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
  say "Installing system packages: $*"
  # The lists may be missing (a fresh container) or too old; both heal with an update.
  if ! DEBIAN_FRONTEND=noninteractive $elevate apt-get install -y --no-install-recommends "$@" >&2; then
    $elevate apt-get update >&2 || stop "$why
Type: $(as_root)apt-get update && $(as_root)apt-get install -y --no-install-recommends $*"
    DEBIAN_FRONTEND=noninteractive $elevate apt-get install -y --no-install-recommends "$@" >&2 || stop "$why
Type: $(as_root)apt-get install -y --no-install-recommends $*"
  fi
}

# What we empty and fill must be ours: behind a link it may be another checkout's, or lie anywhere.
refuse_link() { # path, what it is
  [ ! -L "$1" ] || stop "$1 is a link to $(readlink "$1"). $2 would be emptied there.
Type: rm '$1'
and start again: it is made anew here."
}

hash_of() { "$VENV_PYTHON" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"; }

make_venv() {
  refuse_link "$VENV" "The virtual environment"
  if [ -x "$VENV_PYTHON" ] && recent_enough "$VENV_PYTHON"; then
    [ -n "${PYTHON:-}" ] || return 0
    local ours theirs
    ours="$("$VENV_PYTHON" -c 'import sys; print(sys.version_info[:2])')"
    theirs="$("$PYTHON" -c 'import sys; print(sys.version_info[:2])')" || stop "PYTHON is $PYTHON, which does not run."
    [ "$ours" != "$theirs" ] || return 0
  fi
  local python
  python="$(find_python)" || exit 1
  say "Making the virtual environment with $("$python" --version) …"
  rm -rf "$VENV"
  if command -v uv >/dev/null; then
    uv venv --quiet --python "$python" "$VENV" >&2 || stop "The virtual environment could not be made."
    return 0
  fi
  "$python" -c 'import ensurepip, venv' 2>/dev/null || install_packages \
    "Python's venv module is missing." "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
  "$python" -m venv "$VENV" >&2 || stop "The virtual environment could not be made."
}

# Install what a lock file names, when the file has changed since the last time.
install_lock() { # lock file
  local lock="$SAM_ROOT/$1" stamp="$VENV/.installed-$1" now
  now="$(hash_of "$lock")"
  [ "$(cat "$stamp" 2>/dev/null)" != "$now" ] || return 0
  say "Installing Python packages from $1 …"
  if command -v uv >/dev/null; then
    uv pip install --quiet --python "$VENV_PYTHON" --require-hashes -r "$lock" >&2
  else
    "$VENV_PYTHON" -m pip --version >/dev/null 2>&1 || "$VENV_PYTHON" -m ensurepip >&2
    "$VENV_PYTHON" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" >&2
  fi || stop "The packages of $1 could not be installed; see above."
  printf '%s\n' "$now" >"$stamp"
}

install_browser_libraries() {
  local lock="$SAM_ROOT/package-lock.json" stamp="$SAM_ROOT/node_modules/.installed" now
  [ -f "$lock" ] || return 0
  refuse_link "$SAM_ROOT/node_modules" "The folder of browser libraries"
  now="$(hash_of "$lock")"
  [ "$(cat "$stamp" 2>/dev/null)" != "$now" ] || return 0
  if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    install_lock requirements-node.lock
    PATH="$VENV/bin:$PATH"
  fi
  say "Installing browser libraries from package-lock.json …"
  (cd "$SAM_ROOT" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) \
    || stop "The browser libraries could not be installed; see above."
  printf '%s\n' "$now" >"$stamp"
}

loads_pango() {
  "$VENV_PYTHON" - 2>/dev/null <<'PYTHON'
import ctypes, ctypes.util, sys
if sys.platform == "darwin":
    names = [ctypes.util.find_library(name) for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")]
    sys.exit(not all(names))
for name in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"):
    ctypes.CDLL(name)
PYTHON
}

check_pango() {
  loads_pango && return 0
  [ "$(uname -s)" != Darwin ] || stop "PDF files need Pango.
Type: brew install pango"
  # shellcheck disable=SC2086 # three names
  install_packages "PDF files need Pango, and it is not on this machine." $NEEDED_PACKAGES
  loads_pango || stop "Pango was installed but does not load. Packages: $NEEDED_PACKAGES"
}

# Chromium for the browser tests: the one that was named, else one on the PATH; fails where there is none.
find_chromium() {
  local name
  for name in ${SAM_CHROMIUM:+"$SAM_CHROMIUM"} chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" && return 0
  done
  return 1
}

set_up_locked() { # lock file of Python packages
  make_venv
  install_lock "$1"
  install_browser_libraries
  check_pango
}

set_up() { # lock file of Python packages
  # Two starts at once must not install over each other. This very file is the lock; the lock ends with the subshell.
  (
    if command -v flock >/dev/null && ! flock -n 9; then
      say "Another set-up of this checkout is at work; waiting for it …"
      flock 9
    fi
    set_up_locked "$1" 9<&-
  ) 9<"$SAM_ROOT/script/lib/setup.sh" || exit 1
}
