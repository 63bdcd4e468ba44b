# Everything a change must pass before it lands.
ci:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings
    cargo test --locked
    cargo sqlx prepare --check -- --all-targets
    cargo deny --locked check licenses bans sources
    cargo doc --locked --no-deps

# Refresh .sqlx/ after a changed query; DATABASE_URL names a migrated database.
prepare:
    SQLX_OFFLINE=false cargo sqlx prepare -- --all-targets
