#!/bin/sh
# The power button was pressed, or the agent was asked. usage: power-off [reboot]
case $1 in reboot) command=reboot ;; *) command=poweroff ;; esac
echo "tiny: $(hostname) goes down" >/dev/console
sync
umount /data 2>/dev/null
$command -f
