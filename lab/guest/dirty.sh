#!/bin/sh
# Writes so many MiB of memory anew, over and over, until it is asked again: a guest that is hard to move. The pages are
# not empty, for empty ones cost a migration next to nothing. usage: dirty MIB (0: ends it)
[ -e /run/dirty.pid ] && kill "$(cat /run/dirty.pid)" 2>/dev/null
rm -f /run/dirty.pid /run/dirty.from /run/dirty.to
[ "$1" -gt 0 ] 2>/dev/null || exit 0
{
  yes | head -c 1048576 >/run/dirty.one
  count=0
  while [ "$count" -lt "$1" ]; do
    cat /run/dirty.one
    count=$((count + 1))
  done >/run/dirty.from
  while :; do dd if=/run/dirty.from of=/run/dirty.to bs=1M conv=notrunc 2>/dev/null; done
} </dev/null >/dev/null 2>&1 &
echo $! >/run/dirty.pid
