#!/bin/sh
# Makes .env from .env.example beside docker-compose.yml: what is empty there is drawn at random. Never overwrites.
set -eu
cd "$(dirname "$0")/.."
target=${1:-.env}
if [ -e "$target" ]; then
  echo "$target is there already; what it holds opens the data of the shop, so it is left as it is." >&2
  exit 1
fi
umask 077
while IFS= read -r line; do
  case $line in
    '#'*) printf '%s\n' "$line" ;;
    *=) printf '%s%s\n' "$line" "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <.env.example >"$target"
echo "Made $target."
