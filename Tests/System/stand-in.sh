#!/bin/sh
# Stands in for a program that is not built yet: repeats the first line it reads, with who it is and what it sees.
read -r line
printf '{"line":"%s","user":"%s","store":"%s","ledger":"%s"}\n' "$line" "$(id -un)" \
    "$(ls /var/lib/popcornd/store >/dev/null 2>&1 && echo seen)" "$(ls /var/lib/popcornd/ledger.sqlite 2>/dev/null)"
echo "stand-in has answered" >&2
