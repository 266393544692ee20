#!/bin/sh
# Called for each event of the kernel, one after another: loads the driver, and takes new devices into use.
[ "$ACTION" = add ] && [ -n "$MODALIAS" ] && modprobe -q "$MODALIAS"
case $ACTION:$SUBSYSTEM in
  add:net) on-nic "$INTERFACE" & ;;
  add:cpu) [ -e "/sys$DEVPATH/online" ] && echo 1 >"/sys$DEVPATH/online" ;;
  add:memory) grep -q offline "/sys$DEVPATH/state" && echo online >"/sys$DEVPATH/state" ;;
  # A port gets its name after it was added.
  add:virtio-ports | change:virtio-ports) agent "${DEVPATH##*/}" & ;;
esac
exit 0
