"""Parsers against forms met on different distributions, and against damage."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import ParseError
from collectors.facts.linux import (
    clock,
    hardware,
    logins,
    memory,
    network,
    security,
    services,
    storage,
    system,
)
from collectors.facts.text import decode

PARSERS: list[Callable[[str], object]] = [
    system.parse_os_release,
    system.parse_hostname,
    system.parse_uname,
    system.parse_uptime,
    system.parse_loadavg,
    system.parse_cpu_samples,
    memory.parse_meminfo,
    storage.parse_df,
    storage.parse_mounts,
    storage.parse_mdstat,
    storage.parse_smart,
    network.parse_net_dev,
    network.parse_grep_tree,
    network.parse_ip_addr,
    network.parse_bonding,
    network.parse_listening,
    network.parse_lldp,
    services.parse_failed_units,
    services.parse_processes,
    logins.parse_last,
    lambda text: services.parse_dmesg(text, 1000.0),
    services.parse_file_nr,
    services.parse_conntrack,
    services.parse_journal_errors,
    services.parse_apt_updates,
    services.parse_reboot,
    logins.parse_who,
    clock.parse_chrony,
    clock.parse_ntpq,
    clock.parse_timesync,
    clock.parse_timedatectl,
    clock.parse_epoch,
    security.parse_sshd,
    security.parse_certificates,
    hardware.parse_hwmon,
    hardware.parse_thermal,
    hardware.parse_dmi,
    hardware.parse_device_tree,
    hardware.parse_lsblk,
]


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)
@given(text=st.text(alphabet=st.sampled_from("cpu 019:%-/.\n\t[]()=\"'#*maed中"), max_size=120))
@settings(max_examples=60)
def test_any_text_is_parsed_or_refused_never_a_crash(parse: Callable[[str], object], text: str) -> None:
    with contextlib.suppress(ParseError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (
            'NAME="Kylin Linux Advanced Server"\nVERSION="V10 (Tercel)"\nID="kylin"\n',
            "Kylin Linux Advanced Server V10 (Tercel)",
        ),
        (
            'PRETTY_NAME="openEuler 22.03 (LTS-SP3)"\nNAME="openEuler"\nID=openEuler\n',
            "openEuler 22.03 (LTS-SP3)",
        ),
        (
            'NAME=\'SLES\'\nVERSION="15-SP5"\nPRETTY_NAME="SUSE Linux Enterprise Server 15 SP5"\n',
            "SUSE Linux Enterprise Server 15 SP5",
        ),
        ("CentOS release 6.10 (Final)\n", "CentOS release 6.10 (Final)"),
        ("NAME=Buildroot\nVERSION=2023.02\nID=buildroot\n", "Buildroot 2023.02"),
    ],
)
def test_os_release_of_many_kinds(text: str, version: str) -> None:
    assert system.parse_os_release(text).pretty_name == version


def test_meminfo_of_a_kernel_before_memavailable() -> None:
    found = memory.parse_meminfo("MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 250 kB\n")
    assert found.available_bytes == 400 * 1024


def test_meminfo_without_total_is_refused() -> None:
    with pytest.raises(ParseError):
        memory.parse_meminfo("MemFree: 100 kB\n")


def test_a_host_without_swap_has_one_pool() -> None:
    found = memory.parse_meminfo("MemTotal: 1000 kB\nMemAvailable: 250 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")
    assert [(pool.name, pool.used_percent) for pool in memory.memory_pools(found)] == [("RAM", 75.0)]


DF = """Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/sda1         10000000  8000000   1500000      85% /
tmpfs              1000000        0   1000000       0% /dev/shm
/dev/mapper/a-very-long-volume-group-name-of-a-customer
                  20000000 20000000         0     100% /data with blanks
none                     0        0         0       - /sys/fs/something
"""


def test_df_with_broken_lines_blanks_and_reserved_blocks() -> None:
    rows = {row.mount: row for row in storage.parse_df(DF)}
    assert set(rows) == {"/", "/dev/shm", "/data with blanks"}
    assert rows["/"].used_percent == pytest.approx(84.2), "of what users can have, as df counts"
    assert rows["/data with blanks"].used_percent == 100
    assert rows["/"].total == 10_000_000 * 1024


def test_df_tried_twice_keeps_the_first() -> None:
    assert len(storage.parse_df(DF + DF)) == 3


def test_df_without_a_heading_is_refused() -> None:
    with pytest.raises(ParseError):
        storage.parse_df("/dev/sda1 1 1 1 1% /\n")


def test_mount_points_with_blanks() -> None:
    mounts = storage.parse_mounts(r"/dev/sdb1 /mnt/my\040disk ext4 ro,relatime 0 0" + "\n")
    assert (mounts[0].mount, mounts[0].read_only) == ("/mnt/my disk", True)


def test_a_snap_image_is_no_volume_but_a_containers_root_is() -> None:
    rows = storage.parse_df(
        "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
        "/dev/loop0 100 100 0 100% /snap/core\noverlay 100 50 50 50% /\n"
        "overlay 100 50 50 50% /var/lib/docker/x\n"
    )
    mounts = storage.parse_mounts(
        "/dev/loop0 /snap/core squashfs ro 0 0\noverlay / overlay rw 0 0\n"
        "overlay /var/lib/docker/x overlay rw 0 0\n"
    )
    assert [volume.name for volume in storage.volumes(rows, (), mounts)] == ["/"]


MDSTAT = """Personalities : [raid1] [raid6] [raid5] [raid4]
md0 : active raid1 sdb1[1](F) sda1[0]
      1048512 blocks super 1.2 [2/1] [U_]

md1 : active (auto-read-only) raid5 sdd1[3] sdc1[1] sde1[0]
      2095104 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/3] [UUU]
        resync=PENDING

md2 : active raid6 sdf1[4] sdg1[2] sdh1[1] sdi1[0]
      4190208 blocks super 1.2 level 6, 512k chunk, algorithm 2 [4/4] [UUUU]
      [==>..................]  recovery = 12.6% (265000/2095104) finish=1.2min speed=26500K/sec

md127 : inactive sdj1[0](S)
      1046528 blocks super 1.2

unused devices: <none>
"""


def test_mdstat_tells_failed_rebuilding_and_inactive_arrays() -> None:
    arrays = {array.name: array for array in storage.parse_mdstat(MDSTAT)}
    assert (arrays["md0"].active, arrays["md0"].expected, arrays["md0"].failed) == (1, 2, ("sdb1",))
    assert (arrays["md1"].level, arrays["md1"].active) == ("raid5", 3)
    assert arrays["md2"].recovery.startswith("recovery = 12.6%")
    assert (arrays["md127"].state, arrays["md127"].active) == ("inactive", None)


def test_no_arrays_is_an_answer() -> None:
    assert storage.parse_mdstat("Personalities : \nunused devices: <none>\n") == ()


SMART = """device: /dev/sda
Device Model:     ST4000NM0035
Serial Number:    ZC1
SMART overall-health self-assessment test result: PASSED
ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE
  5 Reallocated_Sector_Ct   0x0033   100   100   010    Pre-fail  Always       -       0
194 Temperature_Celsius     0x0022   034   049   000    Old_age   Always       -       34 (0 19 0 0 0)
197 Current_Pending_Sector  0x0012   100   100   000    Old_age   Always       -       8
device: /dev/nvme0
Model Number:                       SAMSUNG MZVL2512
SMART overall-health self-assessment test result: FAILED!
Temperature:                        41 Celsius
Media and Data Integrity Errors:    1,024
device: /dev/sdc
Product:              MG04SCA20EE
Serial number:        X
SMART Health Status: OK
Current Drive Temperature:     29 C
device: /dev/sdd
Device is in STANDBY mode, exit(2)
"""


def test_smart_of_ata_nvme_scsi_and_a_sleeping_disk() -> None:
    ata, nvme, scsi, asleep = storage.parse_smart(SMART)
    assert (ata.healthy, ata.temperature_c, ata.counters["Current_Pending_Sector"]) == (True, 34.0, 8)
    assert (nvme.healthy, nvme.temperature_c, nvme.counters["Media_Errors"]) == (False, 41.0, 1024)
    assert (scsi.healthy, scsi.temperature_c, scsi.model) == (True, 29.0, "MG04SCA20EE")
    assert asleep.healthy is None


def test_ip_addr_of_a_vlan_and_a_point_to_point_link() -> None:
    found = network.parse_ip_addr(
        "2: eth0.10@eth0    inet 10.1.2.3/24 brd 10.1.2.255 scope global eth0.10\\ valid_lft forever\n"
        "5: tun0    inet 10.8.0.2 peer 10.8.0.1/32 scope global tun0\n"
        "2: eth0.10@eth0    inet6 fe80::1/64 scope link \n"
    )
    assert found == {"eth0.10": ("10.1.2.3/24", "fe80::1/64"), "tun0": ("10.8.0.2",)}


def test_interfaces_speed_unknown_is_not_a_number() -> None:
    tree = network.parse_grep_tree(
        "/sys/class/net/eth0/ifindex:2\n/sys/class/net/eth0/flags:0x1003\n/sys/class/net/eth0/operstate:up\n"
        "/sys/class/net/eth0/type:1\n/sys/class/net/eth0/speed:-1\n/sys/class/net/eth0/address:00:11:22:33:44:55\n"
    )
    (interface,) = network.build_interfaces(tree, {}, {})
    assert interface.speed_bps is None
    assert (interface.mac, interface.oper_status, interface.in_octets) == ("00:11:22:33:44:55", "up", None)


def test_bonding_with_one_link_down() -> None:
    rows = (
        "Bonding Mode: IEEE 802.3ad Dynamic link aggregation\nMII Status: up\n"
        "Slave Interface: eno1\nMII Status: up\nSlave Interface: eno2\nMII Status: down\n"
    )
    text = "".join(f"/proc/net/bonding/bond0:{row}\n" for row in rows.splitlines())
    (bond,) = network.parse_bonding(text)
    assert bond.up
    assert [(member.name, member.up) for member in bond.members] == [("eno1", True), ("eno2", False)]


def test_netstat_where_there_is_no_ss() -> None:
    found = network.parse_listening(
        "Active Internet connections (only servers)\n"
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State\n"
        "tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN\n"
        "tcp6       0      0 :::80                   :::*                    LISTEN\n"
        "udp        0      0 127.0.0.1:323           0.0.0.0:*\n"
    )
    assert [(row.protocol, row.address, row.port) for row in found] == [
        ("tcp", "0.0.0.0", 22),
        ("tcp", "::", 80),
        ("udp", "127.0.0.1", 323),
    ]


def test_lldp_neighbours() -> None:
    (found,) = network.parse_lldp(
        "lldp.eth0.via=LLDP\nlldp.eth0.chassis.mac=00:e0:fc:00:00:01\nlldp.eth0.chassis.name=CORE-01\n"
        "lldp.eth0.chassis.descr=Huawei Versatile Routing Platform\nlldp.eth0.chassis.mgmt-ip=10.0.0.1\n"
        "lldp.eth0.port.ifname=GigabitEthernet1/0/1\n"
    )
    assert (found.local_interface, found.remote_name, found.remote_interface) == (
        "eth0",
        "CORE-01",
        "GigabitEthernet1/0/1",
    )


@pytest.mark.parametrize(
    "text",
    [
        "nginx.service loaded failed failed A high performance web server\n",
        "● nginx.service loaded failed failed A high performance web server\n",
        "  UNIT          LOAD   ACTIVE SUB    DESCRIPTION\n"
        "● nginx.service loaded failed failed A high performance web server\n\n"
        "LOAD   = Reflects whether the unit definition was properly loaded.\n"
        "1 loaded units listed. Pass --all to see loaded but inactive units, too.\n",
    ],
)
def test_failed_units_of_old_and_new_systemd(text: str) -> None:
    assert [unit.name for unit in services.parse_failed_units(text)] == ["nginx.service"]


def test_no_failed_units() -> None:
    assert services.parse_failed_units("0 loaded units listed.\n") == ()


def test_processes_as_the_kernel_tells_them() -> None:
    found = services.parse_processes(
        "1 (systemd) S 0 1 1 0 -1 4194560 83441\n"
        "612 ((sd-pam)) S 1 612\n"
        "77 (a) Z 9 (b) Z 1 77 77 0\n"
        "78 (a line's\nend) D 1 78\n"
        "4001 (nfsd copy 1) D 2 0 0 0 -1\n"
    )
    assert (found.total, found.zombies, found.blocked) == (5, ("a) Z 9 (b (pid 77, parent 1)",), 2)


def test_processes_of_busybox() -> None:
    found = services.parse_processes(
        "STAT   PID   PPID  COMMAND\nS        1     0 init\nZ       77     1 ash\n"
    )
    assert (found.total, found.zombies) == (2, ("ash (pid 77, parent 1)",))


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ("5.15.0-105-generic\n/lib/modules/5.15.0-105-generic\n/lib/modules/5.15.0-107-generic\n", True),
        ("5.15.0-107-generic\n/lib/modules/5.15.0-105-generic\n/lib/modules/5.15.0-107-generic\n", False),
        ("5.14.21-150500.53-default\n/run/reboot-needed\n/lib/modules/5.14.21-150500.53-default\n", True),
        ("5.15.0-105-generic\n/run/reboot-required\n/lib/modules/5.15.0-105-generic\n", True),
        ("5.15.0-105-generic\n/lib/modules/5.15.0-105-generic\n/lib/modules/6.1.0-9-lowlatency\n", False),
        (
            "3.10.0-957.el7.x86_64\n/lib/modules/3.10.0-1160.el7.x86_64\n/lib/modules/3.10.0-957.el7.x86_64",
            True,
        ),
        ("6.1.0-custom\n", False),
    ],
)
def test_restart_due_by_flag_or_newer_kernel(text: str, required: bool) -> None:
    assert services.parse_reboot(text).required is required


def test_chrony_behind_is_negative() -> None:
    found = clock.parse_chrony(
        "Reference ID    : C0A80101 (192.168.1.1)\nStratum         : 3\n"
        "System time     : 0.250000000 seconds slow of NTP time\nLeap status     : Normal\n"
    )
    assert (found.offset_s, found.stratum, found.source) == (-0.25, 3, "192.168.1.1")


def test_chrony_that_never_synchronised_tells_no_offset() -> None:
    found = clock.parse_chrony(
        "Reference ID    : 00000000 ()\nStratum         : 0\n"
        "System time     : 0.000000000 seconds fast of NTP time\nLeap status     : Not synchronised\n"
    )
    assert (found.synchronised, found.offset_s) == (False, None)


@pytest.mark.parametrize("name", ["System clock synchronized", "NTP synchronized"])
def test_timedatectl_of_old_and_new_systemd(name: str) -> None:
    assert clock.parse_timedatectl(f"      {name}: yes\n").synchronised is True


def test_a_password_hash_never_becomes_a_fact() -> None:
    accounts = security.parse_accounts("root:x:0:0::/root:/bin/sh\n", "root:set:19000:99999:\n")
    assert accounts[0].password == "set"


def test_accounts_without_shadow_do_not_claim_a_password() -> None:
    (account,) = security.parse_accounts("root:x:0:0::/root:/bin/sh\n", None)
    assert account.password == "unknown"


def test_sshd_config_takes_the_first_and_leaves_match_blocks() -> None:
    settings_ = security.parse_sshd(
        "# PermitRootLogin yes\nPermitRootLogin no\nPermitRootLogin yes\nMatch User x\n  X11Forwarding yes\n"
    )
    assert settings_.values == {"permitrootlogin": "no"}
    assert not settings_.effective


def test_a_damaged_certificate_is_refused_with_its_line() -> None:
    with pytest.raises(ParseError, match="line 2"):
        security.parse_certificates(
            "file: /etc/ssl/a.pem\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        )


def test_a_file_with_a_key_alone_is_no_certificate() -> None:
    assert security.parse_certificates("file: /etc/ssl/key.pem\n") == ()


def test_hwmon_filler_limits_and_faulty_channels() -> None:
    base = "/sys/class/hwmon/hwmon0/"
    values = {
        "name": "coretemp",
        "temp1_input": "45000",
        "temp1_label": "Package id 0",
        "temp1_max": "80000",
        "temp1_crit": "100000",
        "temp2_input": "65535000",
        "temp3_input": "1000",
        "temp3_fault": "1",
        "temp4_input": "30000",
        "temp4_crit": "65261850",
        "fan1_input": "0",
        "fan1_min": "600",
    }
    sensors = hardware.parse_hwmon("".join(f"{base}{name}:{value}\n" for name, value in values.items()))
    found = {sensor.index.split("/")[1]: sensor for sensor in sensors}
    assert set(found) == {"temp1", "temp4", "fan1"}
    assert (found["temp1"].limits.high_warning, found["temp1"].limits.high_critical) == (80.0, 100.0)
    assert found["temp4"].limits.high_critical is None
    assert (found["fan1"].value, found["fan1"].limits.low_warning) == (0.0, 600.0)


def test_thermal_zones_take_limits_from_trip_points() -> None:
    base = "/sys/class/thermal/thermal_zone0/"
    text = (
        f"{base}type:x86_pkg_temp\n{base}temp:52000\n"
        f"{base}trip_point_0_type:critical\n{base}trip_point_0_temp:105000\n"
    )
    (sensor,) = hardware.parse_thermal(text)
    assert (sensor.name, sensor.value, sensor.limits.high_critical) == ("x86_pkg_temp", 52.0, 105.0)


def test_dmi_fillers_are_empty() -> None:
    base = "/sys/class/dmi/id/"
    found = hardware.parse_dmi(
        f"{base}sys_vendor:Inspur\n{base}product_name:NF5280M6\n{base}product_serial:To be filled by O.E.M.\n"
    )
    assert (found.vendor, found.model, found.serial) == ("Inspur", "NF5280M6", "")


def test_lsblk_leaves_out_loops_and_empty_drives() -> None:
    text = (
        'NAME="sda" TYPE="disk" SIZE="480103981056" MODEL="MZ7LH480" SERIAL="S4" ROTA="0"\n'
        'NAME="sr0" TYPE="rom" SIZE="1073741312" MODEL="DVD" SERIAL="" ROTA="1"\n'
        'NAME="sdb" TYPE="disk" SIZE="0" MODEL="SD" SERIAL="" ROTA="1"\n'
    )
    assert [(disk.name, disk.model) for disk in hardware.parse_lsblk(text)] == [("sda", "MZ7LH480")]


def test_a_cpu_that_waits_backwards_does_not_break_the_sum() -> None:
    first = "cpu  100 0 100 1000 50 0 0 0 0 0\n"
    second = "cpu  110 0 110 1030 40 0 0 0 0 0\n"
    assert system.parse_cpu_samples(first + second)[0].usage_percent == 40.0


@pytest.mark.parametrize(
    ("raw", "text"),
    [("中文".encode(), "中文"), ("中文".encode("gbk"), "中文"), (b"ok\xff\xff\x00", "ok��")],
)
def test_text_in_any_encoding(raw: bytes, text: str) -> None:
    assert decode(raw) == text
