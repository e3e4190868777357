#!/usr/bin/env bash
# Makes the pictures of the README anew, from the real program in a pseudo terminal.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cargo build --release --locked
picture() {
    cargo run --quiet --release --locked --example picture -- "$@"
}
picture assets/overview.svg 120x40 "rolling out" "" "health checks" -- demo --scenario deploy
picture assets/failing.svg 120x40 "failing" 2 "failing" -- demo --scenario crash-loop
# Its record goes to a folder that is thrown away.
XDG_STATE_HOME=$(mktemp -d)
export XDG_STATE_HOME
picture assets/drill.svg 120x40 "available" F "to confirm" $'party-box-db\r' "AWAY" -- demo --scenario steady --speed 5
rm -rf "$XDG_STATE_HOME"
