#!/bin/sh
# Called for each event of the kernel: loads the driver, and takes new NICs, CPUs and memory into use.
[ "$ACTION" = add ] || exit 0
[ -n "$MODALIAS" ] && modprobe -q "$MODALIAS"
case $SUBSYSTEM in
  net) on-nic "$INTERFACE" ;;
  cpu) [ -e "/sys$DEVPATH/online" ] && echo 1 >"/sys$DEVPATH/online" ;;
  memory) grep -q offline "/sys$DEVPATH/state" && echo online >"/sys$DEVPATH/state" ;;
esac
exit 0
