#!/usr/bin/env bash
# Has pm4py read exports as OCEL 2.0 and discover the order's process (see mine-orders.ts). Needs what `npm test` compiles, and
# Python 3 with venv and PyPI; without those it says which is missing, and counts as skipped. The last line is
# "N passed, N failed, N skipped". An argument names a folder that keeps the exports.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

skip() {
  echo "skipped: $1" >&2
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
}

venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT

# Debian's Python comes without venv.
python_for_pm4py() {
  python3 -m venv "$venv" >/dev/null 2>&1 && return
  command -v apt-get >/dev/null && [[ $(id -u) == 0 ]] || return
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv
  python3 -m venv --clear "$venv"
}

python_for_pm4py || skip "there is no Python 3 with venv here"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r test/process-mining/requirements.txt ||
  skip "pm4py can't be installed from PyPI here"

node dist/test/process-mining/mine-orders.js "$venv/bin/python" "$@"
