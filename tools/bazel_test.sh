#!/usr/bin/env bash
# Runs the tests of the file BUILD that are not marked slow; `tools/bazel_test.sh [target ...]`,
# by default every py_test.
set -euo pipefail
cd "$(dirname "$0")/.."
VENV=${VENV:-.venv}

if ! command -v bazel >/dev/null; then
  echo 'bazel-test: there is no bazel: apt-get install bazel-bootstrap (Debian, Ubuntu)' >&2
  exit 1
fi
PATH=$(realpath "$VENV")/bin:$PATH
export PATH
exec bazel test "${@:-//:all}"
