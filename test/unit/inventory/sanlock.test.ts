import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeLockd, judgeSanlock, type LeaseSettings } from "../../../provider/inventory/leases.js";
import { leaseName, parseHosts, parseLeader, parseStatus } from "../../../provider/inventory/sanlock.js";

/** Of sanlock 3.8.5 with libvirt 9.0.0, shortened. */
const STATUS = `daemon 4034dadd-11c2-41ad-a3fe-fb448bd86ef0
    our_host_name=4034dadd-11c2-41ad-a3fe-fb448bd86ef0
    use_watchdog=1
    high_priority=0
    monotime=90252
    version_str=3.8.5
p -1 helper
    ci=0
p -1 listener
    ci=1
p 146 g
    ci=2
    pid=146
    restricted=1
p -1 status
    ci=3
s __LIBVIRT__DISKS__:1:/srv/disks/leases/__LIBVIRT__DISKS__:0
    list=spaces
    space_id=1
    io_timeout=2
    host_generation=3
    renew_fail=0
    space_dead=0
    killing_pids=0
    renewal_last_result=1
    renewal_last_attempt=90248
    renewal_last_success=90248
r __LIBVIRT__DISKS__:350f1c941ec2a6b7b243e369c0a23d15:/srv/disks/leases/350f1c941ec2a6b7b243e369c0a23d15:0:1 p 146
    list=held
    flags=0
`;

const HOSTS = `1 timestamp 90374
    last_check=90379
    last_live=90379
    last_req=0
    owner_id=1
    owner_generation=1
    timestamp=90374
    io_timeout=2
    owner_name=4034dadd-11c2-41ad-a3fe-fb448bd86ef0
2 timestamp 90261
    last_check=90379
    last_live=90266
    last_req=0
    owner_id=2
    owner_generation=4
    timestamp=90261
    io_timeout=2
    owner_name=027f5089-3185-4cf3-99e4-1431aea8295b
`;

const LEADER = `read_leader done 0
magic 0x6152010
version 0x60004
flags 0x10
sector_size 512
owner_id 1
owner_generation 3
lver 1
space_name __LIBVIRT__DISKS__
resource_name 350f1c941ec2a6b7b243e369c0a23d15
timestamp 90250
checksum 0x9bef0783
write_timestamp 90250
`;

describe("what sanlock says", () => {
  it("is read: of itself, of the hosts it sees, of a disk's lease", () => {
    assert.deepEqual(parseStatus(STATUS), {
      hasWatchdog: true, watchdogSeconds: 60, nowSeconds: 90252, clients: ["g"],
      lockspace: { hostId: 1, path: "/srv/disks/leases/__LIBVIRT__DISKS__", generation: 3, ioTimeoutSeconds: 2, renewedSeconds: 90248, isEnding: false },
    });
    assert.deepEqual(parseHosts(HOSTS)[1], { hostId: 2, generation: 4, timestamp: 90261, ioTimeoutSeconds: 2, checkedSeconds: 90379, liveSeconds: 90266 });
    assert.deepEqual(parseLeader(LEADER, leaseName("/srv/disks/g.qcow2")), { hostId: 1, generation: 3, timestamp: 90250 });
    assert.equal(parseLeader(LEADER, leaseName("/srv/disks/other.qcow2")), undefined);
  });

  it("is no lockspace of libvirt's while it is being joined or left", () => {
    assert.equal(parseStatus(STATUS.replace("DISKS__:0\n    list=spaces", "DISKS__:0 ADD\n    list=add")).lockspace?.isEnding, true);
    assert.equal(parseStatus(STATUS.replace("killing_pids=0", "killing_pids=2")).lockspace?.isEnding, true);
    assert.equal(parseStatus(STATUS.replace("s __LIBVIRT__", "s __OTHER__")).lockspace, undefined);
  });

  it("has a watchdog only where it says so, with the time that it says", () => {
    assert.equal(parseStatus(STATUS.replace("use_watchdog=1", "use_watchdog=0")).hasWatchdog, false);
    assert.equal(parseStatus(STATUS.replace("    use_watchdog=1\n", "")).hasWatchdog, false);
    assert.equal(parseStatus(STATUS.replace("use_watchdog=1", "use_watchdog=1\n    watchdog_fire_timeout=30")).watchdogSeconds, 30);
  });

  it("is an error where a fact is missing that a proof rests on", () => {
    assert.throws(() => parseStatus("sanlock: command not found"), /read what sanlock says/);
    assert.throws(() => parseStatus(STATUS.replace(/ +host_generation=3\n/, "")), /host_generation is missing/);
    assert.throws(() => parseHosts(HOSTS.replace("last_live=90266", "last_live=")), /last_live is/);
  });
});

describe("a host's leases", () => {
  const declared: LeaseSettings = { manager: "sanlock", directory: "/srv/disks/leases", hostId: 1, ioTimeoutSeconds: 2 };

  it("are in order where sanlock is as declared and each guest is known to it", () => {
    assert.deepEqual(judgeSanlock(parseStatus(STATUS), ["g"], declared), []);
  });

  it("are not where the watchdog is missing, the host is not in the lockspace, or something is unlike the program", () => {
    assert.match(judgeSanlock(parseStatus(STATUS.replace("use_watchdog=1", "use_watchdog=0")), [], declared).join(), /without a watchdog/);
    assert.match(judgeSanlock(parseStatus(STATUS.slice(0, STATUS.indexOf("s __"))), [], declared).join(), /not in libvirt's lockspace.*lock_manager = "sanlock".*host_id = 1/);
    assert.match(judgeSanlock(parseStatus(STATUS), [], { ...declared, hostId: 2 }).join(), /its id in the lockspace is 1/);
    assert.match(judgeSanlock(parseStatus(STATUS), [], { ...declared, directory: "/srv/other" }).join(), /its lockspace is \/srv\/disks/);
    assert.match(judgeSanlock(parseStatus(STATUS), [], { ...declared, ioTimeoutSeconds: 10 }).join(), /io_timeout is 2 s/);
    assert.match(judgeSanlock(parseStatus(STATUS.replace("monotime=90252", "monotime=90290")), [], declared).join(), /not renewed/);
  });

  it("are not where a guest runs that sanlock does not know", () => {
    assert.match(judgeSanlock(parseStatus(STATUS), ["g", "older"], declared).join(), /^older runs without a lease/);
  });

  it("by lockd are what libvirt's files say", () => {
    const files = `#lock_manager = "sanlock"\nlock_manager = "lockd"\n\nfile_lockspace_dir = "/srv/disks/leases" # shared\n\n# virtlockd answers\n`;
    assert.deepEqual(judgeLockd(files, "/srv/disks/leases"), []);
    assert.match(judgeLockd(files.replace('lock_manager = "lockd"', '#lock_manager = "lockd"'), "/srv/disks/leases").join(), /takes no leases by lockd/);
    assert.match(judgeLockd(files, "/srv/disks/locks").join(), /its leases are \/srv\/disks\/leases/);
    assert.match(judgeLockd(files.replace("# virtlockd answers", ""), "/srv/disks/leases").join(), /virtlockd does not run/);
  });
});
