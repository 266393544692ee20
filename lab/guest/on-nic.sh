#!/bin/sh
# Gets an address for a NIC by DHCP, once, and announces it every few seconds: that is how its host learns it.
interface=$1
mkdir "/run/nic-$interface" 2>/dev/null || exit 0
while [ ! -e /run/seeded ]; do usleep 50000; done
ip link set "$interface" up
udhcpc -b -t 20 -T 1 -i "$interface" -s /bin/on-lease -F "$(hostname)" >/dev/null 2>&1 &
while [ -e "/sys/class/net/$interface" ]; do
  address=$(cat "/run/nic-$interface/address" 2>/dev/null) && arping -q -c 1 -U -I "$interface" "$address" >/dev/null 2>&1
  sleep 5
done &
while [ -e "/sys/class/net/$interface" ]; do sleep 5; done
rm -r "/run/nic-$interface"
