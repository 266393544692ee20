#!/bin/sh
# The power button was pressed.
echo "tiny: $(hostname) goes down"
sync
umount /data 2>/dev/null
poweroff -f
