#!/bin/sh
# The first process of the tiny guest. The root file system is the initramfs; what must survive a restart is on the
# second partition of its own disk, mounted at /data.
export PATH=/bin:/sbin
busybox mount -t proc proc /proc
busybox --install -s /bin
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /run /tmp /data /boot /www /root/.ssh
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /run
ip link set lo up

modprobe -aq virtio_pci virtio_blk virtio_scsi sd_mod sr_mod ahci isofs ext4 vfat nls_cp437 nls_ascii nls_utf8 2>/dev/null

# The data partition: the second one of whichever disk carries its label.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  data=$(findfs LABEL=tiny-data 2>/dev/null) && break
  usleep 100000
done
[ -n "$data" ] && mount -t ext4 "$data" /data && echo $(($(cat /data/boots 2>/dev/null) + 1)) >/data/boots

# cloud-init's NoCloud: a file system labelled cidata, on a CD or a disk. This findfs knows FAT but not ISO 9660, whose
# label is at byte 40 of the first volume descriptor (ECMA-119, 8.4).
find_seed() {
  findfs LABEL=cidata 2>/dev/null || findfs LABEL=CIDATA 2>/dev/null && return
  for disc in /dev/sr*; do
    case $(dd if="$disc" bs=1 skip=$((16 * 2048 + 40)) count=6 2>/dev/null) in cidata | CIDATA) echo "$disc"; return ;; esac
  done
  return 1
}
tries=1
# Behind a controller disks come one after another; virtio disks are there at once.
for controller in /sys/class/scsi_host/*; do [ -e "$controller" ] && tries=20; done
while [ "$tries" -gt 0 ]; do
  seed=$(find_seed) && break
  tries=$((tries - 1))
  usleep 100000
done
hostname tiny
if [ -n "$seed" ] && mkdir -p /run/seed && mount -o ro "$seed" /run/seed; then
  mkdir -p /www/seed
  cp /run/seed/* /www/seed/
  umount /run/seed
  apply-seed /www/seed
fi
touch /run/seeded
hostname >/www/index.html

# From here on what is plugged in announces itself, now and later.
uevent on-uevent &
cat /sys/bus/*/devices/*/modalias | sort -u | xargs modprobe -aq 2>/dev/null
modprobe -aq button evdev virtio_mem virtio_balloon 2>/dev/null
for interface in /sys/class/net/e*; do [ -e "$interface" ] && on-nic "${interface##*/}" & done

acpid -f -l /dev/null -p /run/acpid.pid &
for port in /sys/class/virtio-ports/*; do [ -e "$port" ] && agent "${port##*/}" & done
nc -ll -p 80 -e answer-http &
nc -ll -p 7 -e counter &
echo "tiny: $(hostname) is up after $(cut -d' ' -f1 /proc/uptime) s"
while :; do setsid cttyhack sh; sleep 1; done
