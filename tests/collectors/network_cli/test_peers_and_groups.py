"""Neighbours, bundles, pairs and stacks on command lines, written after the makers' manuals."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.registry import parser_for
from collectors.facts.cli.rows import Member, Peer
from collectors.model import Sensor
from collectors.outcome import Outcome


def read(platform: str, command: str, text: str) -> list[object]:
    parse = parser_for(platform, command)
    assert parse is not None
    return [fact for row in parse(text) for fact in row.facts]


def peers(platform: str, command: str, text: str) -> list[tuple[str, str, str]]:
    """Name, state, interface."""
    return [
        (one.name, one.state, one.interface) for one in read(platform, command, text) if isinstance(one, Peer)
    ]


IOS_BGP = """
BGP router identifier 10.255.0.1, local AS number 65001
BGP table version is 12, main routing table version 12

Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd
10.0.0.2        4        65002   81234   81200       12    0    0 8w2d           14
*10.0.0.3       4   65000.100       0       0        1    0    0 never    Idle
10.0.0.4        4        65003       0       0        1    0    0 3d02h    Idle (Admin)
2001:DB8:FFFF:FFFF::2
                4        65004     120     119       12    0    0 01:22:10        3
"""


@pytest.mark.parametrize("platform", ["cisco_ios", "cisco_nxos", "ruijie_os"])
def test_a_number_of_prefixes_is_an_established_session_and_long_addresses_wrap(platform: str) -> None:
    assert peers(platform, "show ip bgp summary", IOS_BGP) == [
        ("10.0.0.2", "Established", ""),
        ("10.0.0.3", "Idle", ""),
        ("10.0.0.4", "Idle (Admin)", ""),
        ("2001:DB8:FFFF:FFFF::2", "Established", ""),
    ]
    parse = parser_for(platform, "show ip bgp summary")
    assert parse is not None
    assert parse(IOS_BGP)[0].details["local_as"] == "65001"


@pytest.mark.parametrize(
    ("platform", "command", "text"),
    [
        ("cisco_ios", "show ip bgp summary", "% BGP not active"),
        ("cisco_ios", "show ip ospf neighbor", ""),
        ("cisco_ios", "show standby brief", "\n"),
        ("cisco_nxos", "show ip ospf neighbors", "Note:  process currently not running"),
        ("cisco_nxos", "show vpc", "ERROR: vpc feature is not enabled"),
        ("huawei_vrp", "display bgp peer", "Info: BGP is not running."),
        ("huawei_vrp", "display eth-trunk", "Info: No Eth-Trunk exists."),
        ("huawei_vrp", "display vrrp brief", "Info: The VRRP does not exist."),
        ("hp_comware", "display bgp peer ipv4", "BGP is not configured."),
        ("hp_comware", "display link-aggregation summary", "No aggregation group exists"),
        (
            "juniper_junos",
            "show lacp interfaces",
            "warning: lacp subsystem not running - not needed by configuration.",
        ),
        ("juniper_junos", "show bgp summary", "BGP is not running"),
        ("fortinet", "get router info bgp summary", "% BGP instance not found"),
    ],
)
def test_a_protocol_that_does_not_run_is_an_empty_list(platform: str, command: str, text: str) -> None:
    assert read(platform, command, text) == []


def test_an_answer_of_another_form_is_no_empty_list() -> None:
    for platform, command in (("cisco_ios", "show ip bgp summary"), ("cisco_nxos", "show vpc")):
        with pytest.raises(ParseError):
            read(platform, command, "something else altogether\nand more of it\n")


@pytest.mark.parametrize(
    ("platform", "command", "line", "expected"),
    [
        (
            "cisco_ios",
            "show ip ospf neighbor",
            "10.255.0.2        0   FULL/  -        00:00:38    10.0.12.2       GigabitEthernet0/0/1",
            ("10.255.0.2", "FULL/-", "GigabitEthernet0/0/1"),
        ),
        (
            "cisco_ios",
            "show ip ospf neighbor",
            "10.255.0.3        1   EXSTART/BDR     00:00:33    10.0.13.3       Vlan13",
            ("10.255.0.3", "EXSTART/BDR", "Vlan13"),
        ),
        (
            "cisco_nxos",
            "show ip ospf neighbors",
            " 10.255.0.4          1 FULL/DR          1d02h    10.0.14.4       Eth1/14",
            ("10.255.0.4", "FULL/DR", "Eth1/14"),
        ),
        (
            "ruijie_os",
            "show ip ospf neighbor",
            "10.255.0.5  1  2-Way/DROther  Up  00:00:35  10.0.15.5  GigabitEthernet 0/1",
            ("10.255.0.5", "2-Way/DROther", "GigabitEthernet 0/1"),
        ),
        (
            "fortinet",
            "get router info ospf neighbor",
            "10.255.0.6        1   Full/Backup     00:00:39    10.0.16.6       to-core(0)",
            ("10.255.0.6", "Full/Backup", "to-core(0)"),
        ),
        (
            "juniper_junos",
            "show ospf neighbor",
            "10.0.17.7        ge-0/0/1.0             ExStart         10.255.0.7       128    33",
            ("10.255.0.7", "ExStart", "ge-0/0/1.0"),
        ),
        (
            "hp_comware",
            "display ospf peer",
            " 10.255.0.8      10.0.18.8       1   33         Init/ -           GE1/0/1",
            ("10.255.0.8", "Init/ -", "GE1/0/1"),
        ),
    ],
)
def test_neighbours_of_ospf(platform: str, command: str, line: str, expected: tuple[str, str, str]) -> None:
    assert peers(platform, command, f"Neighbor ID     Pri   State\n{line}\n") == [expected]


def test_groups_of_hsrp_on_ios_and_nx_os() -> None:
    ios = """
                     P indicates configured to preempt.
                     |
Interface   Grp  Pri P State   Active          Standby         Virtual IP
Vl10        1    110 P Active  local           10.1.10.3       10.1.10.1
Vl20        1    100   Standby 10.1.20.3       local           10.1.20.1
Port-channel20.300
            3    100 P Init    unknown         unknown         10.1.30.1
"""
    assert peers("cisco_ios", "show standby brief", ios) == [
        ("10.1.10.1", "Active", "Vl10"),
        ("10.1.20.1", "Standby", "Vl20"),
        ("10.1.30.1", "Init", "Port-channel20.300"),
    ]
    nexus = """
*:IPv6 group   #:group belongs to a bundle
                     P indicates configured to preempt.
                     |
 Interface   Grp  Prio P State    Active addr      Standby addr     Group addr
  Vlan10      10   120  P Active   local            10.1.10.3        10.1.10.1       (conf)
"""
    assert peers("cisco_nxos", "show hsrp brief", nexus) == [("10.1.10.1", "Active", "Vlan10")]


def test_bundles_whose_ports_go_on_in_the_next_line() -> None:
    ios = """
Flags:  D - down        P - bundled in port-channel
Number of channel-groups in use: 3
Group  Port-channel  Protocol    Ports
------+-------------+-----------+-----------------------------------------------
1      Po1(SU)         LACP      Te1/1/1(P)     Te2/1/1(D)
                                 Te3/1/1(s)
20     Po20(SD)         -
48     Po48(RU)        PAgP      Gi1/0/47(H)
"""
    assert peers("cisco_ios", "show etherchannel summary", ios) == [
        ("Po1", "up", ""),
        ("Po1", "bundled", "Te1/1/1"),
        ("Po1", "down", "Te2/1/1"),
        ("Po1", "suspended", "Te3/1/1"),
        ("Po20", "down", ""),
        ("Po48", "up", ""),
        ("Po48", "standby", "Gi1/0/47"),
    ]
    nexus = """
Flags:  D - Down        P - Up in port-channel (members)
Group Port-       Type     Protocol  Member Ports
      Channel
10    Po10(SU)    Eth      LACP      Eth1/1(P)    Eth1/2(I)
11    Po11(SD)    Eth      NONE      --
"""
    assert peers("cisco_nxos", "show port-channel summary", nexus) == [
        ("Po10", "up", ""),
        ("Po10", "bundled", "Eth1/1"),
        ("Po10", "individual", "Eth1/2"),
        ("Po11", "down", ""),
    ]
    assert (
        peers(
            "cisco_ios", "show etherchannel summary", "Flags:  D - down\nNumber of channel-groups in use: 0"
        )
        == []
    )
    with pytest.raises(ParseError):
        read("cisco_ios", "show etherchannel summary", "nothing of the kind")


def test_a_pair_of_nexus_switches_of_two_generations() -> None:
    old = """
vPC domain Id                     : 100
Peer status                       : peer link is down
vPC keep-alive status             : peer is not reachable through peer-keepalive
Configuration consistency status  : failed
vPC role                          : secondary, operational primary

vPC Peer-link status
id   Port   Status Active vlans
--   ----   ------ --------------------------------------------------
1    Po1    down   -

vPC status
id   Port   Status Consistency Reason                     Active vlans
51   Po51   down*  failed      Peer-link is down          -
52   Po52   up     success     success                    10,20
"""
    assert peers("cisco_nxos", "show vpc", old) == [
        ("peer", "peer link is down", ""),
        ("keep-alive", "peer is not reachable through peer-keepalive", ""),
        ("consistency", "failed", ""),
        ("Po1", "down", ""),
        ("Po51", "down*", ""),
        ("Po52", "up", ""),
    ]


def test_modules_are_read_by_the_columns_that_dashes_underline() -> None:
    text = """
Mod  Ports  Module-Type                         Model              Status
---  -----  ----------------------------------- ------------------ ----------
1    36     36p 40G Ethernet Module             N9K-X9536PQ        ok
22   0      Fabric Module                                          powered-dn
27   0      Supervisor Module                   N9K-SUP-A          active *

Xbar Ports  Module-Type                         Model              Status
---  -----  ----------------------------------- ------------------ ----------
1    0      Fabric Module 2                     N7K-C7010-FAB-2    failure
"""
    found = [
        (one.name, one.state_outcome)
        for one in read("cisco_nxos", "show module", text)
        if isinstance(one, Sensor)
    ]
    assert found == [
        ("Module 1 N9K-X9536PQ", Outcome.OK),
        ("Module 22", Outcome.WARNING),
        ("Module 27 N9K-SUP-A", Outcome.OK),
        ("Fabric 1 N7K-C7010-FAB-2", Outcome.CRITICAL),
    ]


def test_trunks_of_vrp_in_both_modes() -> None:
    text = """
Eth-Trunk2's state information is:
WorkingMode: NORMAL         Hash arithmetic: According to SIP-XOR-DIP
Least Active-linknumber: 1  Max Bandwidth-affected-linknumber: 8
Operate status: up          Number Of Up Port In Trunk: 1
--------------------------------------------------------------------------------
PortName                      Status      Weight
GigabitEthernet0/0/1          Up          1
GigabitEthernet0/0/2          Down        1

Eth-Trunk3's state information is:
Local:
LAG ID: 3                   Working Mode: Static
Operating Status: down      Number of Up Ports in Trunk: 0
Operate status: down
ActorPortName          Status   PortType PortPri PortNo PortKey PortState Weight
10GE1/0/1(r)           Unselect 10GE     32768   1      7       10100010  1
Partner:
ActorPortName          SysPri   SystemID
10GE1/0/1(r)           0        0000-0000-0000
"""
    assert peers("huawei_vrp", "display eth-trunk", text)[:3] == [
        ("Eth-Trunk2", "up", ""),
        ("Eth-Trunk2", "bundled", "GigabitEthernet0/0/1"),
        ("Eth-Trunk2", "down", "GigabitEthernet0/0/2"),
    ]
    assert peers("huawei_vrp", "display eth-trunk", text)[3] == ("Eth-Trunk3", "down", "")


def test_members_of_stacks() -> None:
    chain = """
Stack mode: Card
Stack topology type: Link
Slot      Role        MAC Address      Priority   Device Type
-------------------------------------------------------------
0         Master      0018-82d2-2e85   200        S5720-36C-EI-AC
1         Standby     0018-82c6-1f44   150        S5720-36C-EI-AC
2         Slave       0018-82b1-6eb8   100        S5720-36C-EI-AC
"""
    assert [one.outcome for one in read("huawei_vrp", "display stack", chain) if isinstance(one, Member)] == [
        Outcome.WARNING
    ] * 3
    ce = """
--------------------------------------------------------------------------------
MemberID Role     MAC              Priority   DeviceType         Description
--------------------------------------------------------------------------------
+1       Master   0004-9f31-d520   100        CE6850-48S4Q-EI
 2       Standby  0004-9f62-1f40   120        CE6850-48S4Q-EI
"""
    assert [
        (one.name, one.role) for one in read("huawei_vrp", "display stack", ce) if isinstance(one, Member)
    ] == [
        ("Member 1", "Master"),
        ("Member 2", "Standby"),
    ]
    assert read("huawei_vrp", "display stack", "Error: The stack function is disabled on this device.") == []
    junos = """
fpc0:
--------------------------------------------------------------------------
Preprovisioned Virtual Chassis
Virtual Chassis ID: 0019.e250.47a0
                                                Mstr           Mixed Route Neighbor List
Member ID  Status   Serial No    Model          prio  Role      Mode  Mode ID  Interface
0 (FPC 0)  Prsnt    BM0208105168 ex4200-48t     129   Master*      N  VC   1  vcp-0
1 (FPC 1)  NotPrsnt BM0208124111 ex4200-48t
"""
    assert [
        (one.name, one.outcome)
        for one in read("juniper_junos", "show virtual-chassis", junos)
        if isinstance(one, Member)
    ] == [
        ("Member 0", Outcome.OK),
        ("Member 1", Outcome.CRITICAL),
    ]
    assert read("ruijie_os", "show switch virtual", "Current system is running in standalone mode.") == []


def test_sessions_of_junos_in_both_forms() -> None:
    text = """
Threading mode: BGP I/O
Groups: 2 Peers: 4 Down peers: 2
Table          Tot Paths  Act Paths Suppressed    History Damp State    Pending
inet.0
                       6          4          0          0          0          0
Peer                     AS      InPkt     OutPkt    OutQ   Flaps Last Up/Dwn State|#Active/Received...
10.245.245.1          65500     172706     172721       0       1 7w6d 23:04:12 2/3/3/0              0/0/0/0
10.245.245.3          65500          0          0       0       0 3w4d 1:02:03 Active
2001:db8::5           65501      12345      12344       0       3     2:15:34 Establ
  inet6.0: 1/2/2/0
10.245.245.9          65502          0          0       0       0        5:12 Connect
"""
    assert peers("juniper_junos", "show bgp summary", text) == [
        ("10.245.245.1", "Established", ""),
        ("10.245.245.3", "Active", ""),
        ("2001:db8::5", "Established", ""),
        ("10.245.245.9", "Connect", ""),
    ]


def test_a_port_of_junos_that_does_not_distribute() -> None:
    text = """
Aggregated interface: ae0
    LACP protocol:        Receive State  Transmit State          Mux State
      xe-0/0/0                  Current   Fast periodic Collecting distributing
      xe-0/0/1            Port disabled     No periodic           Detached
"""
    assert peers("juniper_junos", "show lacp interfaces", text) == [
        ("ae0", "bundled", "xe-0/0/0"),
        ("ae0", "detached", "xe-0/0/1"),
    ]


def test_light_of_modules_with_one_lane_and_with_four() -> None:
    text = """
Physical interface: et-0/0/48
    Module temperature                        :  35 degrees C / 95 degrees F
    Module voltage                            :  3.2900 V
    Laser rx power low alarm threshold        :  0.0398 mW / -14.00 dBm
  Lane 0
    Laser bias current                        :  7.200 mA
    Laser output power                        :  0.943 mW / -0.25 dBm
    Laser receiver power                      :  0.850 mW / -0.71 dBm
  Lane 1
    Laser bias current                        :  7.100 mA
    Laser output power                        :  0.930 mW / -0.32 dBm
    Laser receiver power                      :  0.000 mW / - Inf dBm
Physical interface: xe-0/0/2
    Optical diagnostics                       :  N/A
"""
    sensors = {
        (one.kind, one.name): one
        for one in read("juniper_junos", "show interfaces diagnostics optics", text)
        if isinstance(one, Sensor)
    }
    assert {key: one.value for key, one in sensors.items()} == {
        ("temperature", "et-0/0/48"): 35.0,
        ("voltage", "et-0/0/48"): 3.29,
        ("dbm", "et-0/0/48 lane 0 receive"): -0.71,
        ("dbm", "et-0/0/48 lane 0 transmit"): -0.25,
        ("current", "et-0/0/48 lane 0 bias"): 0.0072,
        ("dbm", "et-0/0/48 lane 1 transmit"): -0.32,
        ("current", "et-0/0/48 lane 1 bias"): 0.0071,
    }
    assert sensors["dbm", "et-0/0/48 lane 0 receive"].limits.low_critical == -14.0


def test_a_dark_port_of_rgos_has_no_light_and_one_without_a_module_no_reading() -> None:
    text = """
========Interface GigabitEthernet 0/49========
Current diagnostic parameters[AP:Average Power]:
Temp(Celsius)   Voltage(V)      Bias(mA)        RX power(dBm)       TX power(dBm)
31(OK)          3.29(OK)        5.12(OK)        -40.00(alarm)[AP]   -5.66(OK)
========Interface GigabitEthernet 0/50========
Transceiver absent!
"""
    found = read("ruijie_os", "show interfaces transceiver diagnosis", text)
    assert [(one.kind, one.name, one.value) for one in found if isinstance(one, Sensor)] == [
        ("temperature", "GigabitEthernet 0/49", 31.0),
        ("voltage", "GigabitEthernet 0/49", 3.29),
        ("current", "GigabitEthernet 0/49 bias", 0.00512),
        ("dbm", "GigabitEthernet 0/49 transmit", -5.66),
    ]


def test_groups_of_vrrp_on_comware() -> None:
    text = """
IPv4 Virtual Router Information:
 Running mode : Standard
 Total number of virtual routers : 2
 Interface          VRID  State        Running Adver   Auth             Virtual
                                       Pri     Timer   Type             IP
 ----------------------------------------------------------------------------
 Vlan10             1     Master       150     100     Not supported    10.1.10.1
 Vlan20             2     Initialize   100     100     Simple           10.1.20.1
"""
    assert peers("hp_comware", "display vrrp", text) == [
        ("10.1.10.1", "Master", "Vlan10"),
        ("10.1.20.1", "Initialize", "Vlan20"),
    ]
