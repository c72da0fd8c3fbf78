"""Everything a visit asks a Linux host: an exact list of commands that only read.

One row is one section of the single script a visit runs, and one exchange of its transcript.
Nothing outside this table is ever sent. Hashes of passwords and private keys never leave the host:
the rows about accounts and certificates print only what is judged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from collectors.platforms.database_commands import MYSQL, POSTGRESQL, REDIS
from collectors.platforms.oracle_commands import ORACLE


@dataclass(frozen=True, slots=True)
class Section:
    """One question.

    ``programs``: the first is needed; without it the section is "unsupported".
    ``path``: must exist, else the host has none of this. ``timeout_s`` 0: reads /proc alone and
    cannot hang, so no ``timeout`` process is spent on it. ``earlier``: how it was asked before; answers to it
    are in kept transcripts and are read as those of ``command``.
    """

    name: str
    command: str
    program: str = ""
    path: str = ""
    timeout_s: int = 0
    earlier: tuple[str, ...] = ()


def names_of(sections: Iterable[Section]) -> dict[str, str]:
    """Each text that was ever asked, with its section's name."""
    return {text: one.name for one in sections for text in (one.command, *one.earlier)}


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

# What ps reads, without ps: cheaper. Status 1 alone says that there is no such process.
_NO_PMON = "grep -qs '^ora_pmon_' /proc/[0-9]*/cmdline; [ $? -eq 1 ] && exit 0; "

SECTIONS: tuple[Section, ...] = (
    # First and alone, so that the other commands' work is not measured as the host's load.
    Section("cpu", "grep ^cpu /proc/stat; sleep 0.5 || sleep 1; grep ^cpu /proc/stat"),
    Section(
        "os_release",
        "cat /etc/os-release || cat /usr/lib/os-release || cat /etc/redhat-release || cat /etc/SuSE-release",
    ),
    Section("hostname", "cat /proc/sys/kernel/hostname"),
    Section("uname", "uname -srm"),
    Section("uptime", "cat /proc/uptime"),
    Section("meminfo", "cat /proc/meminfo"),
    Section("loadavg", "cat /proc/loadavg"),
    Section("mounts", "cat /proc/mounts"),
    # -l keeps a dead NFS server from hanging the answer; BusyBox has no -l.
    Section("df", "df -Pkl || df -Pk", timeout_s=10),
    Section("df_inodes", "df -Pil || df -Pi", timeout_s=10),
    Section("df_network", "df -Pk -t nfs -t nfs4 -t cifs -t fuse.glusterfs -t ceph", timeout_s=5),
    Section("net_dev", "cat /proc/net/dev"),
    Section("sys_net", f"grep -sH . {_SYS_NET}", timeout_s=5),
    Section("ip_addr", "ip -o addr", "ip", timeout_s=5),
    Section(
        "failed_units",
        "systemctl --failed --plain --full --no-legend",
        "systemctl",
        timeout_s=10,
        earlier=("systemctl --failed --plain --full --no-legend --no-pager",),
    ),
    Section(
        "services",
        "systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState,ConditionResult,"
        f"ConditionTimestamp,MemoryCurrent,MemoryMax {_SERVICES}",
        "systemctl",
        timeout_s=10,
        earlier=(
            "systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState,MemoryCurrent,MemoryMax "
            + _SERVICES,
        ),
    ),
    # Answers to whoever may ask the engine (root, group docker); nothing is done with a container.
    Section(
        "containers", "docker ps -a --no-trunc --format '{{.Names}}\t{{.Status}}'", "docker", timeout_s=10
    ),
    Section("chrony", "chronyc -n tracking", "chronyc", timeout_s=5),
    Section("ntpq", "ntpq -pn", "ntpq", timeout_s=5),
    Section("timesync", "timedatectl timesync-status --no-pager", "timedatectl", timeout_s=5),
    Section("timedatectl", "timedatectl status --no-pager", "timedatectl", timeout_s=5),
    Section("mdstat", "cat /proc/mdstat", path="/proc/mdstat"),
    Section("bonding", "grep -H . /proc/net/bonding/*", path="/proc/net/bonding"),
    Section("processes", "ps -eo stat=,pid=,ppid=,comm= || ps -o stat,pid,ppid,comm", "ps", timeout_s=10),
    Section("file_nr", "cat /proc/sys/fs/file-nr"),
    Section(
        "conntrack",
        "cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max",
        path="/proc/sys/net/netfilter/nf_conntrack_max",
    ),
    Section("listening", "ss -lntu || netstat -lntu", timeout_s=5),
    Section("who", "who", "who", timeout_s=5),
    Section("last", "last -n 30 -w || last -n 30", "last", timeout_s=5),
    Section(
        "journal",
        "journalctl --no-pager -p err --since=-24h -o short-iso -n 300",
        "journalctl",
        timeout_s=10,
    ),
    # Where the account could write apt's cache file, apt is told not to keep one.
    Section(
        "apt_updates",
        "[ -w /var/cache/apt ] && c='-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='; "
        "apt-get -s -o Debug::NoLocking=1 $c upgrade | grep -E '^(Inst|[0-9]+ upgraded)'",
        "apt-get",
        timeout_s=20,
    ),
    Section("reboot", "uname -r; ls -d /run/reboot-required /var/run/reboot-required /lib/modules/*"),
    # A hash in the second field (systems without shadow) is printed as the word "set".
    Section(
        "passwd",
        """awk -F: '{p=$2; if (p!="" && p!="x" && p!="*" && p!="!") p="set"; """
        """print $1 ":" p ":" $3 ":" $4 "::" $6 ":" $7}' /etc/passwd""",
        "awk",
    ),
    Section(
        "shadow",
        """awk -F: '{p="set"; if ($2=="") p="empty"; else if ($2 ~ /^[!*]/) p="locked"; """
        """print $1 ":" p ":" $3 ":" $5 ":" $8}' /etc/shadow""",
        "awk",
    ),
    Section(
        "sshd",
        "sshd -T || cat /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf",
        path="/etc/ssh",
        timeout_s=5,
    ),
    # The certificate part alone: such files may hold the private key as well.
    Section(
        "certificates",
        f'for f in {_CERTIFICATES}; do [ -f "$f" ] && [ -r "$f" ] && echo "file: $f" && '
        "awk '/-----BEGIN CERTIFICATE-----/{p=1} p{print} /-----END CERTIFICATE-----/{exit}' \"$f\"; "
        "done | head -n 3000; true",
        "awk",
        timeout_s=5,
    ),
    Section("hwmon", f"grep -sH . {_HWMON}", path="/sys/class/hwmon", timeout_s=10),
    Section("thermal", f"grep -sH . {_THERMAL}", path="/sys/class/thermal", timeout_s=5),
    Section("dmi", f"grep -sH . {_DMI}", path="/sys/class/dmi/id", timeout_s=5),
    Section(
        "device_tree",
        "for f in model serial-number; do printf '%s: ' $f; tr -d '\\000' < /proc/device-tree/$f; echo; done",
        path="/proc/device-tree/model",
    ),
    Section("lsblk", "lsblk -P -b -d -o NAME,TYPE,SIZE,MODEL,SERIAL,ROTA", "lsblk", timeout_s=5),
    # -n standby: a sleeping disk is not woken to be asked.
    Section(
        "smart",
        "for d in $(smartctl --scan | awk '{print $1}'); do echo \"device: $d\"; "
        'smartctl -n standby -i -H -A "$d"; done; true',
        "smartctl",
        timeout_s=30,
    ),
    Section("lldp", "lldpctl -f keyvalue", "lldpctl", timeout_s=5),
    Section("postgresql", POSTGRESQL, timeout_s=10),
    Section("mysql", MYSQL, timeout_s=10),
    Section("redis", REDIS, timeout_s=5),
    Section("oracle", _NO_PMON + ORACLE, "ps", timeout_s=20, earlier=(ORACLE,)),
    Section("date", "date +%s"),  # last: nearest to the moment the answer is printed
)

BY_NAME: dict[str, Section] = {section.name: section for section in SECTIONS}
NAME_OF: dict[str, str] = names_of(SECTIONS)
