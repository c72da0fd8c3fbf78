"""What of a device's parts, ports and neighbours is lasting enough to be compared from day to day. Data.

Whatever comes and goes by itself (containers' ports, tunnels, phones on desks) would bury the changes that
somebody made. A rule is a word of the IANAifType-MIB, or a pattern for a whole name, whatever its case.
"""

from __future__ import annotations

import re

# Made by configuration or by software, with no socket in the wall: the configuration's text tells of them.
VIRTUAL_TYPES = frozenset(
    """
    softwareLoopback tunnel ppp slip propVirtual l2vlan l3ipvlan l3ipxvlan mpls mplsTunnel virtualIpAddress
    virtualTg pppMultilinkBundle bridge ilan pip ifPwType atmVirtual frForward ipForward macSecControlledIF
    macSecUncontrolledIF voiceEM voiceFXO voiceFXS voiceEncap voiceOverIp sixToFour gtp capwapDot11Profile
    capwapDot11Bss capwapWtpVirtualRadio ds0 ds0Bundle dcn bgppolicyaccounting nsip rpr
    opticalChannelGroup
    """.split()  # noqa: SIM905 - forty words in quotes say no more
)

VIRTUAL_NAMES = re.compile(
    "|".join(
        (
            # Linux, hypervisors and container hosts
            r"lo\d*",
            r"(?:veth|docker|br-|virbr|vnet|tap|tun|cali|cni|flannel|dummy|ifb|kube|vmnet|lxc|lxd|wg|zt|ppp)"
            r".*",
            r"(?:tailscale|vxlan|geneve|gre|gretap|erspan|sit|ip6tnl|ip6gre|ip_vti|ip6_vti|tunl|teql|nlmon)"
            r".*",
            r"(?:fwbr|fwpr|fwln|vmbr|xenbr|br\d|vif|ovs-|qbr|qvo|qvb|podman|nerdctl|cilium|lxcbr|weave|vcan|can|bonding_).*",
            # Windows
            r"(?:loopback pseudo-interface|software loopback|vethernet|microsoft ip-https).*",
            # network systems
            r"(?:null|loopback|inloopback|register-tunnel|vlan|vlan-interface|vlanif|bvi|bdi|nve|vbdif|irb)"
            r"[ -]?\d.*",
            r"(?:null|inloopback|loopback|aux|console|nvi|cpu|control plane).*",
            r"(?:unrouted vlan|stacksub|stackport|virtual-|dialer|async|embedded-service|voip|tunnel).*",
            r"(?:nu|vo)\d.*|vlan|irb|st\d+",
            r"(?:lsi|dsc|gr|ip|mtun|pimd|pime|vtep|jsrv|bme|cbp|esi|rbeb|fti|lc|pfe|pfh|sp|vt|mt|pd|pe|pp)"
            r"(?:-\d.*|\d*|\.\d+)",
            r"(?:ssl\.|npu\d|modem|naf\.|l2t\.|fortilink\.|vsys_|ha\.vlan).*",
        )
    ),
    re.IGNORECASE,
)
# What Windows puts between its ports and its programs; said in a name or in its alias.
WINDOWS_LAYERS = re.compile(
    r".*(?:miniport|isatap|teredo|6to4|lightweight filter|qos packet scheduler|kernel debug"
    r"|local area connection\* \d+|-\d{4}$).*",
    re.IGNORECASE,
)
# A port of the names above that has its own unit number: the port itself is compared.
SUBINTERFACE = re.compile(r"(.+?)[.:]\d+(?:@.*)?")

AGGREGATE_NAMES = re.compile(
    r"(?:eth-trunk|bridge-aggregation|route-aggregation|port-channel|aggregateport|ag|agg|po|ae|bond|lag|trk|team)"
    r"[ -]?\d.*",
    re.IGNORECASE,
)

# What people unplug, switch off and carry about: telephones, workstations, cameras, printers.
PASSING_NAMES = re.compile(
    r"(?:sep|ata|avx|axis|desktop-|laptop-|win-|macbook|iphone|ipad|android|yealink|polycom|grandstream|npi).*",
    re.IGNORECASE,
)
PASSING_PLATFORMS = re.compile(
    r".*(?:phone|telephone|ip camera|webcam|printer|jetdirect|laserjet|windows 1\d|macos|mac os x|handset).*",
    re.IGNORECASE | re.DOTALL,
)
MAC_NAME = re.compile(
    r"(?:[0-9a-f]{2}[:. -]?){5}[0-9a-f]{2}|(?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}", re.IGNORECASE
)

# Kinds of hardware by the collectors' words; those that are not here have nothing one could pull out.
KINDS = {
    "chassis": "chassis",
    "module": "module",
    "powersupply": "power",
    "fan": "fan",
    "disk": "disk",
    "storagedrive": "disk",
    "battery": "battery",
    "port": "transceiver",
    "transceiver": "transceiver",
    "backplane": "other",
    "container": "other",
    "stack": "other",
    "other": "other",
}
# These are told without a serial number too, as long as they say what they are.
TOLD_BY_MODEL = frozenset({"module", "power", "disk", "battery"})
NO_SERIALS = frozenset(
    {"", "0", "n/a", "na", "none", "null", "unknown", "not specified", "notspecified", "not available"}
    | {
        "to be filled by o.e.m.",
        "unspecified",
        "default string",
        "empty",
        "-",
        "--",
        "builtin",
        "not present",
    }
)
# Names that a running system gives as it finds its disks: the next start may give them otherwise.
WANDERING_DISKS = re.compile(r"(?:sd|hd|vd|xvd|nvme|da|ada|mmcblk|physicaldrive|\\\\\.\\).*", re.IGNORECASE)

# Short and long names of one port: the same device may tell either, depending on how it is asked.
SHORT_NAMES = (
    ("twentyfivegige", "twe"),
    ("hundredgige", "hu"),
    ("fortygige", "fo"),
    ("tengigabitethernet", "te"),
    ("ten-gigabitethernet", "te"),
    ("xgigabitethernet", "te"),
    ("xge", "te"),
    ("gigabitethernet", "gi"),
    ("fastethernet", "fa"),
    ("ethernet", "eth"),
    ("port-channel", "po"),
    ("ge", "gi"),
    ("et", "eth"),
)
