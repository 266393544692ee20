#!/bin/sh
# Does the part of cloud-init that tests look at: local-hostname, hostname, ssh_authorized_keys, write_files and runcmd
# with plain strings, in YAML as programs write it. usage: apply-seed FOLDER
scalar() { sed -n "s/^$1: *//p" "$2" 2>/dev/null | head -n 1 | sed "s/^[\"']//; s/[\"']\$//"; }
name=$(scalar hostname "$1/user-data")
[ -n "$name" ] || name=$(scalar local-hostname "$1/meta-data")
[ -n "$name" ] && hostname "${name%%.*}"

awk -v out=/run/seed-actions '
  function unquote(text) { sub(/^["\047]/, "", text); sub(/["\047]$/, "", text); return text }
  function close_file() { if (path != "") { print "FILE " path > "/dev/null"; path = "" } }
  /^[a-z_]+:/ { section = $1; sub(":.*", "", section); path = ""; block = -1; next }
  section == "ssh_authorized_keys" && /^ *- / { sub(/^ *- /, ""); print unquote($0) >> "/root/.ssh/authorized_keys"; next }
  section == "runcmd" && /^ *- / { sub(/^ *- /, ""); print unquote($0) >> "/run/runcmd"; next }
  section == "write_files" {
    match($0, /^ */); indent = RLENGTH
    if (block >= 0) {
      if (block == 0 && indent > 0 && $0 !~ /^ *$/) block = indent
      if ($0 ~ /^ *$/ || indent >= block) { print substr($0, block + 1) >> target; next }
      block = -1
    }
    line = $0; sub(/^ *(- )?/, "", line)
    if ($0 ~ /^ *- /) { path = ""; text = ""; have = 0; target = "" }
    if (line ~ /^path:/) { sub(/^path: */, "", line); target = unquote(line); dir = target; sub(/\/[^\/]*$/, "", dir); if (dir != "") system("mkdir -p \"" dir "\""); if (have) print text >> target }
    else if (line ~ /^content: *[|>]/) { block = 0; if (target == "") target = "/run/content-before-path" }
    else if (line ~ /^content:/) { sub(/^content: */, "", line); text = unquote(line); have = 1; if (target != "") print text >> target }
  }
' "$1/user-data" 2>/dev/null
[ -e /run/runcmd ] && sh /run/runcmd
exit 0
