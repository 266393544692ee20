#!/bin/sh
# Counts over a held TCP connection, a line of "BOOT-ID COUNT" each tenth of a second: what a client of a guest sees that
# moves. The count is the connection's own.
boot=$(cat /proc/sys/kernel/random/boot_id)
count=0
while echo "$boot $count"; do
  count=$((count + 1))
  usleep 100000
done
