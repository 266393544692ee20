#!/bin/bash
# The power switch of a lab host, as its BMC turns it. It does what it is asked for before it ends, so that an "off" that
# comes after an "on" never meets a host that is only about to start.
#
# usage: bmc.sh MARK FAULT NODE POWER_ON LAB DIRECTORY HOST get power | set power 0|1
#   MARK   what the host's processes carry in their environment
#   FAULT  a file that says what the switch does wrong: "deaf" or "lying"
set -eu
mark=$1 fault_file=$2 node=$3 power_on=$4 lab=$5 directory=$6 host=$7
shift 7
fault=$(cat "$fault_file" 2>/dev/null || true)

# The processes that carry the host's mark. The one that waits for the host's first process is among them until that one and
# everything in its process namespace has ended: where there is none, no guest is left either.
processes() {
  grep -lszxF "DROVER_LAB_MACHINE=$mark" /proc/[0-9]*/environ | cut -d / -f 3 || true
}

case "$*" in
  "get power")
    if [ "$fault" = lying ] && [ -e "$fault_file.said" ]; then
      echo "power:$(cat "$fault_file.said")"
    elif [ -n "$(processes)" ]; then
      echo power:1
    else
      echo power:0
    fi
    ;;
  "set power "[01])
    if [ -n "$fault" ]; then
      echo "$3" >"$fault_file.said"
    elif [ "$3" = 1 ]; then
      exec "$node" "$power_on" "$lab" "$directory" "$host"
    else
      for _ in {1..500}; do
        left=$(processes)
        [ -n "$left" ] || exit 0
        for pid in $left; do
          # Its first process takes all others with it.
          if grep -qsE $'^NSpid:\t[0-9]+(\t[0-9]+)*\t1$' "/proc/$pid/status"; then kill -KILL "$pid" 2>/dev/null || true; fi
        done
        sleep 0.02
      done
      echo "processes $left of $host do not end" >&2
      exit 1
    fi
    ;;
  *)
    # Restarts, boot devices and the like: it has none.
    exit 1
    ;;
esac
