#!/bin/sh
# What the guest sees, as JSON: {hostname, cpus, memoryKiB, bootId, boots (of this disk), uptimeSeconds, blockDevices: [{name, bytes, serial}], nics: [{name, mac, address}]}
separator=
printf '{"hostname":"%s","cpus":%s,"memoryKiB":%s,"bootId":"%s","boots":%s,"uptimeSeconds":%s,"blockDevices":[' \
  "$(hostname)" "$(grep -c ^processor /proc/cpuinfo)" "$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)" \
  "$(cat /proc/sys/kernel/random/boot_id)" "$(cat /data/boots 2>/dev/null || echo 0)" "$(cut -d' ' -f1 /proc/uptime)"
for device in /sys/block/*; do
  name=${device##*/}
  case $name in vd* | sd* | sr*) ;; *) continue ;; esac
  printf '%s{"name":"%s","bytes":%s,"serial":"%s"}' "$separator" "$name" "$(($(cat "$device/size") * 512))" "$(cat "$device/serial" 2>/dev/null)"
  separator=,
done
printf '],"nics":['
separator=
for device in /sys/class/net/e*; do
  [ -e "$device" ] || continue
  name=${device##*/}
  printf '%s{"name":"%s","mac":"%s","address":"%s"}' "$separator" "$name" "$(cat "$device/address")" "$(cat "/run/nic-$name/address" 2>/dev/null)"
  separator=,
done
printf ']}\n'
