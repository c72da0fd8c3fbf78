"""Everything a visit asks a Linux host: an exact list of commands that only read.

One row is one section of the single script a visit runs, and one exchange of its transcript.
Nothing outside this table is ever sent. Hashes of passwords and private keys never leave the host:
the rows about accounts and certificates print only what is judged.
"""

from __future__ import annotations

from collectors.platforms import database_earlier
from collectors.platforms.database_commands import MYSQL, PGBACKREST, PGBACKREST_PLACES, POSTGRESQL, REDIS
from collectors.platforms.oracle_commands import EARLIER as EARLIER_ORACLE
from collectors.platforms.oracle_commands import ORACLE
from collectors.platforms.raid_commands import (
    MEGACLI,
    MEGACLI_PLACES,
    MEGARAID,
    MEGARAID_PLACES,
    SMART_ARRAY,
    SMART_ARRAY_PLACES,
)
from collectors.platforms.sections import Section, names_of

_SYS_NET = " ".join(
    f"/sys/class/net/*/{name}"
    for name in ("ifindex", "operstate", "flags", "mtu", "address", "speed", "type", "ifalias")
)
_DMI = " ".join(
    f"/sys/class/dmi/id/{name}"
    for name in (
        "sys_vendor",
        "product_name",
        "product_version",
        "product_serial",
        "board_vendor",
        "board_name",
        "board_serial",
        "chassis_serial",
        "bios_vendor",
        "bios_version",
        "bios_date",
    )
)
_HWMON = " ".join(
    f"/sys/class/hwmon/hwmon*/{name}"
    for name in ("name", "temp*_*", "fan*_*", "in[0-9]*_*", "curr*_*", "power*_*", "humidity*_*")
)
_THERMAL = " ".join(
    f"/sys/class/thermal/thermal_zone*/{name}"
    for name in ("type", "temp", "trip_point_*_temp", "trip_point_*_type")
)
_CERTIFICATES = " ".join(
    (
        "/etc/ssl/*.pem /etc/ssl/*.crt",
        "/etc/pki/tls/certs/localhost.crt /etc/pki/tls/certs/server*.crt",
        "/etc/nginx/*.crt /etc/nginx/*.pem /etc/nginx/*/*.crt /etc/nginx/*/*.pem",
        "/etc/httpd/conf/*.crt /etc/httpd/*/*.crt /etc/apache2/*.crt /etc/apache2/*/*.crt",
        "/etc/letsencrypt/live/*/cert.pem /etc/haproxy/*.pem /etc/haproxy/*/*.pem",
        "/etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt",
        "/etc/postfix/*.pem /etc/openldap/certs/*.crt",
    )
)

# As Linux was asked, too, before these had to be quick.
AIX_SSHD = "sshd -T || cat /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf"
# The certificate part alone: such files may hold the private key as well.
AIX_CERTIFICATES = (
    f'for f in {_CERTIFICATES}; do [ -f "$f" ] && [ -r "$f" ] && echo "file: $f" && '
    "awk '/-----BEGIN CERTIFICATE-----/{p=1} p{print} /-----END CERTIFICATE-----/{exit}' \"$f\"; "
    "done | head -n 3000; true"
)

# Services that others depend on, by the names that distributions and makers give their units.
_SERVICES = " ".join(
    f"{name}.service"
    for name in (
        *("nginx", "httpd", "apache2", "haproxy", "keepalived", "tomcat", "tomcat8", "tomcat9", "tomcat10"),
        *(
            "wildfly",
            "weblogic",
            "redis",
            "redis-server",
            "memcached",
            "rabbitmq-server",
            "kafka",
            "zookeeper",
        ),
        *(
            "activemq",
            "rocketmq",
            "nacos",
            "elasticsearch",
            "opensearch",
            "logstash",
            "kibana",
            "minio",
            "etcd",
        ),
        *("docker", "containerd", "podman", "kubelet", "mysqld", "mysql", "mariadb", "postgresql", "mongod"),
        *("php-fpm", "named", "bind9", "vsftpd", "smb", "smbd", "nfs-server", "zabbix-agent", "snmpd"),
    )
)

_JOURNAL = "/var/log/journal/*/*.journal /run/log/journal/*/*.journal"
_SYSTEMD = "/run/systemd/system"  # sd_booted(3)

# What ps reads, without ps: cheaper. Status 1 alone says that there is no such process.
_NO_PMON = "grep -qs '^ora_pmon_' /proc/[0-9]*/cmdline; [ $? -eq 1 ] && exit 0; "

SECTIONS: tuple[Section, ...] = (
    # First and alone, so that the other commands' work is not measured as the host's load. Without grep where
    # that is cheaper: dash reads byte by byte, and bash makes the kernel write the whole file for each line.
    Section(
        "cpu",
        "c() { if [ $# -gt 16 ]; then grep ^cpu /proc/stat; else "
        'while read -r l; do case $l in cpu*) echo "$l";; *) break;; esac; done < /proc/stat; fi; }; '
        'set -- /sys/devices/system/cpu/cpu[0-9]*; c "$@"; sleep 0.2 || sleep 1; c "$@"',
        quick=True,
        earlier=(
            'c() { while read -r l; do case $l in cpu*) echo "$l";; *) break;; esac; done < /proc/stat; }; '
            "c; sleep 0.2 || sleep 1; c",
            "grep ^cpu /proc/stat; sleep 0.5 || sleep 1; grep ^cpu /proc/stat",
        ),
    ),
    Section(
        "os_release",
        "cat /etc/os-release || cat /usr/lib/os-release || cat /etc/redhat-release || cat /etc/SuSE-release",
        quick=True,
    ),
    Section("hostname", "cat /proc/sys/kernel/hostname", quick=True),
    Section("uname", "uname -srm", quick=True),
    Section("uptime", "cat /proc/uptime", quick=True),
    Section("meminfo", "cat /proc/meminfo", quick=True),
    Section("loadavg", "cat /proc/loadavg", quick=True),
    Section("mounts", "cat /proc/mounts", quick=True),
    # -l keeps a dead NFS server from hanging the answer; BusyBox has no -l.
    Section("df", "df -Pkl || df -Pk", timeout_s=10, quick=True),
    Section("df_inodes", "df -Pil || df -Pi", timeout_s=10, quick=True),
    Section(
        "df_network",
        "df -Pk -t nfs -t nfs4 -t cifs -t fuse.glusterfs -t ceph",
        timeout_s=5,
        told=(" nfs", " cifs ", " fuse.glusterfs ", " ceph "),
    ),
    Section("net_dev", "cat /proc/net/dev", quick=True),
    Section("sys_net", f"grep -sH . {_SYS_NET}", timeout_s=5, quick=True),
    Section("ip_addr", "ip -o addr", "ip", timeout_s=5, quick=True),
    Section(
        "failed_units",
        "systemctl --failed --plain --full --no-legend",
        "systemctl",
        _SYSTEMD,
        timeout_s=10,
        earlier=("systemctl --failed --plain --full --no-legend --no-pager",),
    ),
    Section(
        "services",
        "systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState,ConditionResult,"
        f"ConditionTimestamp,MemoryCurrent,MemoryMax {_SERVICES}",
        "systemctl",
        _SYSTEMD,
        timeout_s=10,
        earlier=(
            "systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState,MemoryCurrent,MemoryMax "
            + _SERVICES,
        ),
    ),
    # Answers to whoever may ask the engine (root, group docker); nothing is done with a container.
    Section(
        "containers",
        "docker ps -a --no-trunc --format '{{.Names}}\t{{.Status}}'",
        "docker",
        "/var/run/docker.sock /etc/containers",  # of podman's docker
        timeout_s=10,
    ),
    Section("chrony", "chronyc -n tracking", "chronyc", timeout_s=5),
    Section("ntpq", "ntpq -pn", "ntpq", timeout_s=5),
    Section(
        "timesync",
        "timedatectl timesync-status --no-pager",
        "timedatectl",
        "/run/systemd/timesync",
        timeout_s=5,
    ),
    Section("timedatectl", "timedatectl status --no-pager", "timedatectl", _SYSTEMD, timeout_s=5),
    Section("mdstat", "cat /proc/mdstat", path="/proc/mdstat", quick=True),
    Section("bonding", "grep -H . /proc/net/bonding/*", path="/proc/net/bonding", quick=True),
    # What ps reads, without ps: a tenth of its cost. So many words hold a name of fifteen blanks.
    Section(
        "processes",
        "cut -d ' ' -f 1-19 /proc/[0-9]*/stat",
        "cut",
        quick=True,
        earlier=("ps -eo stat=,pid=,ppid=,comm= || ps -o stat,pid,ppid,comm",),
    ),
    Section("file_nr", "cat /proc/sys/fs/file-nr", quick=True),
    Section(
        "conntrack",
        "cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max",
        path="/proc/sys/net/netfilter/nf_conntrack_max",
        quick=True,
    ),
    Section("listening", "ss -lntu || netstat -lntu", timeout_s=5, quick=True),
    Section("who", "who", "who", timeout_s=5, quick=True),
    # Only newer ones tell the zone of their times; of the others "date" tells it.
    Section(
        "last",
        "last -n 50 -w --time-format iso || last -n 50 -w -F || last -n 50 -w || last -n 50",
        "last",
        timeout_s=5,
        quick=True,
        earlier=("last -n 30 -w || last -n 30",),
    ),
    # The kernel's own words where no journal keeps them; dmesg of BusyBox knows no levels.
    Section(
        "dmesg",
        f'j=; for f in {_JOURNAL}; do [ -e "$f" ] && j=1; done; '
        "[ -n \"$j\" ] || dmesg -l emerg,alert,crit,err || dmesg -r | grep '^<[0-3]>'; true",
        "dmesg",
        timeout_s=5,
        quick=True,
    ),
    Section(
        "journal",
        "journalctl --no-pager -p err --since=-24h -o short-iso -n 300",
        "journalctl",
        _JOURNAL,
        timeout_s=10,
        quick=True,
    ),
    # Where the account could write apt's cache file, apt is told not to keep one.
    Section(
        "apt_updates",
        "[ -w /var/cache/apt ] && c='-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='; "
        "apt-get -s -o Debug::NoLocking=1 $c upgrade | grep -E '^(Inst|[0-9]+ upgraded)'",
        "apt-get",
        timeout_s=20,
    ),
    Section(
        "reboot",
        'read -r r < /proc/sys/kernel/osrelease; echo "$r"; '
        "for f in /run/reboot-required /var/run/reboot-required /run/reboot-needed /lib/modules/*; do "
        '[ -e "$f" ] && echo "$f"; done',
        quick=True,
        earlier=("uname -r; ls -d /run/reboot-required /var/run/reboot-required /lib/modules/*",),
    ),
    # A hash in the second field (systems without shadow) is printed as the word "set".
    Section(
        "passwd",
        """awk -F: '{p=$2; if (p!="" && p!="x" && p!="*" && p!="!") p="set"; """
        """print $1 ":" p ":" $3 ":" $4 "::" $6 ":" $7}' /etc/passwd""",
        "awk",
        quick=True,
    ),
    Section(
        "shadow",
        """awk -F: '{p="set"; if ($2=="") p="empty"; else if ($2 ~ /^[!*]/) p="locked"; """
        """print $1 ":" p ":" $3 ":" $5 ":" $8}' /etc/shadow""",
        "awk",
        quick=True,
    ),
    Section(
        "sshd",
        # One host key to read is quicker than three; -G (9.3 and later) needs none. What is included is
        # included first, as distributions do, and a "Match" in it ends with its file.
        "k=/etc/ssh/ssh_host_ed25519_key; if [ -r $k ]; then sshd -T -o HostKey=$k; "
        "elif [ -w /etc/ssh ]; then sshd -T; else sshd -G; fi || { c=/etc/ssh/sshd_config; "
        'if grep -qi "^ *include" $c; then for f in $c.d/*.conf; do cat "$f"; echo; echo "Match all"; done; '
        "fi; cat $c; }",
        path="/etc/ssh",
        timeout_s=5,
        quick=True,
        earlier=(AIX_SSHD,),
    ),
    # The certificate part alone: such files may hold the private key as well.
    Section(
        "certificates",
        f'set --; for f in {_CERTIFICATES}; do [ -f "$f" ] && [ -r "$f" ] && set -- "$@" "$f"; done; '
        '[ $# = 0 ] || awk \'f!=FILENAME{f=FILENAME; p=0; q=0; print "file: " f} q{next} '
        "/-----BEGIN CERTIFICATE-----/{p=1} p{print; n++} p&&/-----END CERTIFICATE-----/{q=1} n>=3000{exit}' "
        '"$@"',
        "awk",
        timeout_s=5,
        quick=True,
        earlier=(AIX_CERTIFICATES,),
    ),
    Section("hwmon", f"grep -sH . {_HWMON}", path="/sys/class/hwmon", timeout_s=10, quick=True),
    Section("thermal", f"grep -sH . {_THERMAL}", path="/sys/class/thermal", timeout_s=5, quick=True),
    Section("dmi", f"grep -sH . {_DMI}", path="/sys/class/dmi/id", timeout_s=5, quick=True),
    Section(
        "device_tree",
        "for f in model serial-number; do printf '%s: ' $f; tr -d '\\000' < /proc/device-tree/$f; echo; done",
        path="/proc/device-tree/model",
        quick=True,
    ),
    Section("lsblk", "lsblk -P -b -d -o NAME,TYPE,SIZE,MODEL,SERIAL,ROTA", "lsblk", timeout_s=5, quick=True),
    # -n standby: a sleeping disk is not woken to be asked.
    Section(
        "smart",
        "for d in $(smartctl --scan | awk '{print $1}'); do echo \"device: $d\"; "
        'smartctl -n standby -i -H -A "$d"; done; true',
        "smartctl",
        timeout_s=30,
    ),
    Section("megaraid", MEGARAID, path=MEGARAID_PLACES, timeout_s=30),
    Section("megacli", MEGACLI, path=MEGACLI_PLACES, timeout_s=30),
    Section("smart_array", SMART_ARRAY, path=SMART_ARRAY_PLACES, timeout_s=30),
    Section("zpool", "zpool status", path="/proc/spl/kstat/zfs", timeout_s=10),
    Section("lldp", "lldpctl -f keyvalue", "lldpctl", timeout_s=5),
    Section(
        "postgresql",
        POSTGRESQL,
        path="/var/run/postgresql/.s.PGSQL.* /tmp/.s.PGSQL.*",
        timeout_s=10,
        earlier=(database_earlier.POSTGRESQL,),
    ),
    Section(
        "pgbackrest",
        PGBACKREST,
        "pgbackrest",
        PGBACKREST_PLACES,
        timeout_s=20,
        earlier=(database_earlier.PGBACKREST,),
    ),
    Section(
        "mysql",
        MYSQL,
        path="/var/run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /tmp/mysql.sock",
        timeout_s=10,
        earlier=(database_earlier.MYSQL,),
    ),
    Section("redis", REDIS, timeout_s=5, told=(":6379 ", ":6380 "), earlier=(database_earlier.REDIS,)),
    Section(
        "oracle",
        _NO_PMON + ORACLE,
        "ps",
        timeout_s=20,
        told=("(ora",),
        earlier=(EARLIER_ORACLE, _NO_PMON + EARLIER_ORACLE),
    ),
    # Last: nearest to the moment the answer is printed.
    Section("date", "date '+%s %z'", earlier=("date +%s",)),
)

BY_NAME: dict[str, Section] = {section.name: section for section in SECTIONS}
NAME_OF: dict[str, str] = names_of(SECTIONS)
