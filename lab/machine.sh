#!/bin/bash
# The first process of a lab machine: it makes the machine's own view of the file system, says "ready PID" with its
# process id as the outside knows it, and then stays to reap what the machine's daemons leave behind. Killing it kills
# every process of the machine.
#
# usage: machine.sh HOSTNAME STAGE KVM [SOURCE TARGET]...
#   STAGE  an empty folder used only while the mounts are made
#   KVM    1 shows /dev/kvm to the machine, 0 hides it
#   SOURCE TARGET  what is bind-mounted; a TARGET outside of /run and /srv that does not exist is left out
set -eu
read -r pid _ </proc/self/stat
hostname "$1"
stage=$2
kvm=$3
shift 3

mount --no-mtab -t proc proc /proc
mount --no-mtab -t sysfs sysfs /sys

# /run and /srv are new and empty, so that nothing of the machine underneath (its D-Bus, systemd, resolver) is met here.
# They are made aside first: the sources of the bind mounts may lie below the old ones.
mount --no-mtab -t tmpfs -o mode=0755 tmpfs "$stage"
mkdir "$stage/run" "$stage/srv"
mount --no-mtab -t tmpfs -o mode=0755 tmpfs "$stage/run"
mount --no-mtab -t tmpfs -o mode=0755 tmpfs "$stage/srv"
while [ $# -gt 0 ]; do
  case $2 in
    /run/* | /srv/*) target=$stage$2; mkdir -p "$target" ;;
    *) target=$(readlink -f "$2" || true) ;;
  esac
  if [ -n "$target" ] && [ -e "$target" ]; then mount --no-mtab --bind "$1" "$target"; fi
  shift 2
done
mkdir -p "$stage/run/sshd" "$stage/run/lock"

dev=$stage/dev
mkdir "$dev"
mount --no-mtab -t tmpfs -o mode=0755 tmpfs "$dev"
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 fuse:10:229; do
  IFS=: read -r name major minor <<<"$node"
  mknod -m 666 "$dev/$name" c "$major" "$minor"
done
mkdir "$dev/net" "$dev/pts" "$dev/shm"
mknod -m 666 "$dev/net/tun" c 10 200
if [ "$kvm" = 1 ]; then mknod -m 666 "$dev/kvm" c 10 232; fi
mount --no-mtab -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$dev/pts"
mount --no-mtab -t tmpfs -o mode=1777 tmpfs "$dev/shm"
ln -s pts/ptmx "$dev/ptmx"
ln -s /proc/self/fd "$dev/fd"
ln -s /proc/self/fd/0 "$dev/stdin"
ln -s /proc/self/fd/1 "$dev/stdout"
ln -s /proc/self/fd/2 "$dev/stderr"

mount --no-mtab --move "$dev" /dev
mount --no-mtab --move "$stage/srv" /srv
mount --no-mtab --move "$stage/run" /run

# A shared folder is shown at its place by a second bind mount, so that it can be cut and healed.
if [ -d /run/lab/shared ]; then
  mkdir -p /srv/disks
  mount --no-mtab --bind /run/lab/shared /srv/disks
fi
mkdir -p /srv/disks

cd /
ip link set lo up
echo "ready $pid"
exec </dev/null >/dev/null 2>&1
while :; do
  sleep infinity &
  wait $! || true
done
