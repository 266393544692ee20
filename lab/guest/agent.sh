#!/bin/sh
# Enough of the QEMU guest agent for libvirt to learn the guest's addresses and to shut it down.
# usage: agent PORT, a name in /sys/class/virtio-ports
[ "$(cat "/sys/class/virtio-ports/$1/name" 2>/dev/null)" = org.qemu.guest_agent.0 ] || exit 0
mkdir /run/agent 2>/dev/null || exit 0

interfaces() {
  separator=
  printf '{"return":['
  for device in /sys/class/net/*; do
    name=${device##*/}
    printf '%s{"name":"%s","hardware-address":"%s","ip-addresses":[' "$separator" "$name" "$(cat "$device/address")"
    ip -4 -o addr show dev "$name" | sed -n 's|.* inet \([0-9.]*\)/\([0-9]*\) .*|{"ip-address-type":"ipv4","ip-address":"\1","prefix":\2}|p' | head -n 1 | tr -d '\n'
    printf ']}'
    separator=,
  done
  printf ']}\n'
}

answer() {
  while IFS= read -r line; do
    case $line in
      *guest-sync*) id=${line##*\"id\":}; echo "{\"return\":${id%%[!0-9]*}}" ;;
      *guest-network-get-interfaces*) interfaces ;;
      *guest-ping*) echo '{"return":{}}' ;;
      *guest-info*) echo '{"return":{"version":"7.2.0","supported_commands":[{"name":"guest-sync","enabled":true,"success-response":true},{"name":"guest-ping","enabled":true,"success-response":true},{"name":"guest-info","enabled":true,"success-response":true},{"name":"guest-network-get-interfaces","enabled":true,"success-response":true},{"name":"guest-shutdown","enabled":true,"success-response":false}]}}' ;;
      *guest-shutdown*reboot*) power-off reboot ;;
      *guest-shutdown*) power-off ;;
      *) echo '{"error":{"class":"CommandNotFound","desc":"The tiny guest does not know this command"}}' ;;
    esac
  done
}

# Reading ends whenever nobody is connected on the other side.
exec 3<>"/dev/$1"
while :; do
  answer <&3 >&3
  sleep 1
done
