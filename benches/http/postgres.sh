# A throw-away Postgres for the benchmarks over HTTP, at $port until the script ends. Sourced, at the repository's root,
# with $server, the program.

work=$(mktemp -d)
as_server=
if [ "$(id -u)" = 0 ]; then # which Postgres refuses
    user=$(id -un postgres 2>/dev/null || echo nobody)
    as_server="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
    chown "$user" "$work"
fi
bin=${server%/*}
stop() {
    (cd "$work" && $as_server "$bin/pg_ctl" -D "$work/data" -m immediate -w stop >/dev/null 2>&1) || true
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' INT TERM
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$work" && $as_server "$bin/initdb" -D "$work/data" -U postgres -A trust -E UTF8 --locale=C >/dev/null)
(cd "$work" && $as_server "$bin/pg_ctl" -D "$work/data" -l "$work/postgres.log" -w \
    -o "-p $port -k $work -c listen_addresses=127.0.0.1" start >/dev/null)
