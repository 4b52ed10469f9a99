#!/usr/bin/env bash
# Makes the virtual environment that the Makefile uses: `tools/setup.sh [dev]`.
# Does nothing when it is there and its requirements have not changed; run again, it repairs what
# was left half done. Whatever is missing on the machine is said in one line.
# Variables: VENV (.venv), PYTHON (any fitting one), TF (cpu or cuda), RETRY_SECONDS (5).
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=${VENV:-.venv}
TF=${TF:-cpu}
PYTHON=${PYTHON:-}
RETRY_SECONDS=${RETRY_SECONDS:-5}
FITS='import sys; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 11))'

fail() {
  echo "setup: $*" >&2
  exit 1
}

runs() { "$@" >/dev/null 2>&1; }

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

candidates() {
  local minor
  for minor in 11 10 9; do
    command -v "python3.$minor" || true
    ls -d "${PYENV_ROOT:-$HOME/.pyenv}/versions/3.$minor".*/bin/python 2>/dev/null | sort -rV || true
  done
  command -v python3 || true
  command -v python || true
}

# Prints a Python 3.9-3.11 that can make virtual environments; `uv` when only uv can bring one.
find_python() {
  local python without_venv=''
  if [ -n "$PYTHON" ]; then
    PYTHON=$(command -v "$PYTHON") || fail "PYTHON=$1 is not a program"
    runs "$PYTHON" -c "$FITS" || fail "PYTHON=$PYTHON is not a Python 3.9, 3.10 or 3.11"
    runs "$PYTHON" -c 'import ensurepip, venv' || fail "$(needs_venv "$PYTHON")"
    echo "$PYTHON"
    return
  fi
  while read -r python; do
    runs "$python" -c "$FITS" || continue
    if runs "$python" -c 'import ensurepip, venv'; then
      echo "$python"
      return
    fi
    without_venv=${without_venv:-$python}
  done < <(candidates)
  if command -v uv >/dev/null; then
    echo uv
  elif [ -n "$without_venv" ]; then
    fail "$(needs_venv "$without_venv")"
  else
    fail "no Python 3.9, 3.10 or 3.11 found: install one (Debian 12: apt-get install python3-venv)," \
      "or install uv, or give PYTHON=/path/to/python3.11"
  fi
}

needs_venv() {
  echo "$1 cannot make virtual environments: apt-get install python$(version_of "$1")-venv" \
    "(or python3-venv)"
}

make_venv() {
  local python
  python=$(find_python "$PYTHON")
  echo "setup: making $VENV with $python"
  if [ "$python" = uv ]; then
    uv venv --quiet --clear --seed --python 3.11 "$VENV" \
      || fail "uv could not bring a Python 3.11: see its message above"
  else
    "$python" -m venv --clear "$VENV" || fail "$python -m venv failed: see its message above"
  fi
}

# True when $VENV has a fitting Python with pip, of the version that PYTHON asks for.
venv_is_good() {
  runs "$VENV/bin/python" -c "$FITS" && runs "$VENV/bin/python" -m pip --version || return 1
  [ -z "$PYTHON" ] || [ "$(version_of "$PYTHON" 2>/dev/null)" = "$(version_of "$VENV/bin/python")" ]
}

# pip_install <requirements file>: three tries, because downloads break.
pip_install() {
  local log=$VENV/install.log try
  for try in 1 2 3; do
    "$VENV/bin/python" -m pip install --no-input --disable-pip-version-check --retries 5 \
      --progress-bar off -r "$1" >"$log" 2>&1 && return
    if [ "$try" -lt 3 ]; then
      echo "setup: try $try failed, again in $RETRY_SECONDS s"
      sleep "$RETRY_SECONDS"
    fi
  done
  fail "pip could not install $1: $(grep -i error "$log" | tail -n 1) (all of it: $log);" \
    "the same command goes on where this one stopped"
}

# install_once <name> <requirements file>: skips what the stamp says is installed.
install_once() {
  local stamp=$VENV/.installed-$1 sum
  sum=$(cksum <"$2")
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then
    return
  fi
  rm -f "$stamp"
  echo "setup: installing the $1 packages into $VENV (the first time some minutes)"
  if [ "$1" = training ]; then
    remove_other_tensorflow
  fi
  pip_install "$2"
  if [ "$1" = training ]; then
    check_imports
  fi
  echo "$sum" >"$stamp"
}

# A system library or a CPU feature that is missing shows at the first import only.
check_imports() {
  local output code=0 library
  output=$("$VENV/bin/python" -c 'import tensorflow, tf_agents, reverb, mujoco' 2>&1) || code=$?
  [ "$code" -ne 0 ] || return 0
  [ "$code" -ne 132 ] || fail "this CPU lacks AVX, which TensorFlow's packages need"
  library=$(sed -n 's/.*[ :]\(lib[^ :]*\): cannot open shared object file.*/\1/p' <<<"$output" | tail -n 1)
  case $library in
    '') fail "the installed packages do not work: $(tail -n 1 <<<"$output")" ;;
    libpython*) fail "$library is missing: apt-get install libpython$(version_of "$VENV/bin/python")" ;;
    libstdc++*) fail "$library is missing: apt-get install libstdc++6" ;;
    *) fail "the system library $library is missing; https://packages.debian.org names its package" ;;
  esac
}

# requirements.txt with the TensorFlow that TF asks for.
write_requirements() {
  case $TF in
    cpu) cp requirements.txt "$VENV/requirements.txt" ;;
    cuda) sed 's/^tensorflow-cpu==/tensorflow[and-cuda]==/' requirements.txt >"$VENV/requirements.txt" ;;
    *) fail "TF=$TF is not known: cpu or cuda" ;;
  esac
}

# The two TensorFlow packages share files: exactly one may be installed.
remove_other_tensorflow() {
  local other=tensorflow
  [ "$TF" != cuda ] || other=tensorflow-cpu
  if runs "$VENV/bin/python" -m pip show "$other"; then
    "$VENV/bin/python" -m pip uninstall -q -y "$other" "${other/-cpu/}"
  fi
}

check_machine() {
  local machine free
  machine=$(uname -sm)
  [ "$machine" = 'Linux x86_64' ] \
    || fail "this is $machine; Reverb has packages for Linux x86_64 only"
  [ -w . ] || fail "$PWD cannot be written to"
  free=$(df -Pm . | awk 'NR == 2 { print $4 }')
  [ -d "$VENV" ] || [ "$free" -ge 3000 ] || fail "$PWD has $free MB free; 3000 MB are needed"
}

check_machine
if command -v flock >/dev/null; then  # two `make` at the same time
  exec 9>.setup.lock
  flock 9
fi
venv_is_good || make_venv
write_requirements
install_once training "$VENV/requirements.txt"
if [ "${1:-}" = dev ]; then
  install_once development requirements-dev.txt
fi
