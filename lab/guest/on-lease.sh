#!/bin/sh
# Called by udhcpc with a lease.
case $1 in
  deconfig)
    ip addr flush dev "$interface"
    ip link set "$interface" up
    ;;
  bound | renew)
    ip addr replace "$ip/$mask" dev "$interface"
    [ -n "$router" ] && ip route replace default via "${router%% *}" dev "$interface"
    for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
    echo "$ip" >"/run/nic-$interface/address"
    arping -q -c 1 -U -I "$interface" "$ip" >/dev/null 2>&1
    ;;
esac
exit 0
