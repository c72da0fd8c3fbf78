"""Which parser reads which command's answer on which platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from collectors.facts.cli import peers, time
from collectors.facts.cli.cisco import (
    asa,
    chassis,
    environment,
    groups,
    interfaces,
    neighbours,
    nx_environment,
    optics,
    power,
    protocols,
)
from collectors.facts.cli.cisco import system as cisco
from collectors.facts.cli.comware import hardware as comware_hardware
from collectors.facts.cli.comware import licences as comware_licences
from collectors.facts.cli.comware import neighbours as comware_neighbours
from collectors.facts.cli.comware import network as comware_network
from collectors.facts.cli.comware import protocols as comware_protocols
from collectors.facts.cli.comware import system as comware
from collectors.facts.cli.fortinet import system as fortinet
from collectors.facts.cli.hillstone import hardware as hillstone_hardware
from collectors.facts.cli.hillstone import system as hillstone
from collectors.facts.cli.huawei import alarms as huawei_alarms
from collectors.facts.cli.huawei import groups as huawei_groups
from collectors.facts.cli.huawei import hardware as huawei_hardware
from collectors.facts.cli.huawei import licences as huawei_licences
from collectors.facts.cli.huawei import neighbours as huawei_neighbours
from collectors.facts.cli.huawei import network as huawei_network
from collectors.facts.cli.huawei import optics as huawei_optics
from collectors.facts.cli.huawei import protocols as huawei_protocols
from collectors.facts.cli.huawei import system as huawei
from collectors.facts.cli.juniper import interfaces as juniper_interfaces
from collectors.facts.cli.juniper import protocols as juniper_protocols
from collectors.facts.cli.juniper import system as juniper
from collectors.facts.cli.paloalto import licences as paloalto_licences
from collectors.facts.cli.paloalto import system as paloalto
from collectors.facts.cli.peers import or_nothing
from collectors.facts.cli.rows import Rows
from collectors.facts.cli.ruijie import groups as ruijie_groups
from collectors.facts.cli.ruijie import interfaces as ruijie_interfaces
from collectors.facts.cli.ruijie import neighbours as ruijie_neighbours
from collectors.facts.cli.ruijie import system as ruijie

Parser = Callable[[str], Rows]

_BGP, _OSPF, _HSRP = map(or_nothing, (peers.parse_bgp_summary, peers.parse_ospf_neighbors, peers.parse_hsrp))

# A command's beginning is enough; of several the longest counts.
PARSERS: Mapping[str, Mapping[str, Parser]] = {
    "cisco_ios": {
        "show version": cisco.parse_version,
        "show clock": time.parse_clock,
        "show processes cpu": cisco.parse_cpu,
        "show processes memory": cisco.parse_memory,
        "show memory statistics": cisco.parse_memory,
        "show interfaces": interfaces.parse_show_interfaces,
        "show interfaces status": interfaces.parse_interfaces_status,
        "show interfaces status err-disabled": interfaces.parse_err_disabled,
        "show interfaces transceiver": optics.parse_transceiver,
        "show interface transceiver": optics.parse_transceiver,
        "show environment": environment.parse_environment,
        "show env all": environment.parse_environment,
        "show environment power all": power.parse_power_all,
        "show power status": power.parse_power_status,
        "show power available": power.parse_power_available,
        "show power supplies": power.parse_power_supplies,
        "show power used": power.parse_power_used,
        "show power inline": power.parse_power_inline,
        "show stack-power": power.parse_stack_power,
        "show inventory": cisco.parse_inventory,
        "show switch": cisco.parse_switch,
        "show module": chassis.parse_modules,
        "show redundancy": chassis.parse_redundancy,
        "show lldp neighbors detail": neighbours.parse_lldp_detail,
        "show lldp neighbors": neighbours.parse_lldp_brief,
        "show cdp neighbors detail": neighbours.parse_cdp_detail,
        "show ntp status": protocols.parse_ntp_status,
        "show logging": cisco.parse_logging,
        "show vrrp brief": or_nothing(protocols.parse_vrrp_brief),
        "show standby brief": _HSRP,
        "show ip bgp summary": _BGP,
        "show ip ospf neighbor": _OSPF,
        "show etherchannel summary": groups.parse_port_channels,
        "show ip ospf interface brief": protocols.parse_ospf_interface_brief,
        "show ip interface brief": interfaces.parse_ip_interface_brief,
        "show ipv6 interface brief": interfaces.parse_ipv6_interface_brief,
        "show ip device tracking all": protocols.parse_device_tracking,
    },
    "cisco_asa": {
        "show version": asa.parse_version,
        "show clock": time.parse_clock,
        "show cpu usage": asa.parse_cpu,
        "show memory": asa.parse_memory,
        "show interface": asa.parse_interfaces,
        "show environment": asa.parse_environment,
        "show inventory": cisco.parse_inventory,
        "show failover": asa.parse_failover,
        "show ntp status": protocols.parse_ntp_status,
    },
    "cisco_nxos": {
        "show version": cisco.parse_nx_version,
        "show clock": time.parse_clock,
        "show processes cpu": cisco.parse_cpu,
        "show system resources": cisco.parse_nx_resources,
        "show interface": interfaces.parse_show_interfaces,
        "show interface status": interfaces.parse_interfaces_status,
        "show interface brief": interfaces.parse_nx_interface_brief,
        "show interface transceiver": optics.parse_nx_transceiver,
        "show interface transceiver details": optics.parse_nx_transceiver_details,
        "show environment": nx_environment.parse_nx_environment,
        "show environment temperature": nx_environment.parse_nx_temperature,
        "show inventory": cisco.parse_inventory,
        "show lldp neighbors detail": neighbours.parse_lldp_detail,
        "show lldp neighbors": neighbours.parse_lldp_brief,
        "show cdp neighbors detail": neighbours.parse_cdp_detail,
        "show ntp peer-status": protocols.parse_nx_ntp_peers,
        "show logging": cisco.parse_logging,
        "show ip interface brief": interfaces.parse_nx_ip_interface_brief,
        "show ipv6 interface brief": interfaces.parse_nx_ipv6_interface_brief,
        "show ip ospf interface brief": protocols.parse_nx_ospf_interface_brief,
        "show ip bgp summary": _BGP,
        "show ip ospf neighbors": _OSPF,
        "show hsrp brief": _HSRP,
        "show port-channel summary": groups.parse_port_channels,
        "show vpc": or_nothing(groups.parse_vpc),
        "show module": groups.parse_nx_modules,
        "show fex": or_nothing(chassis.parse_fex),
        "show ip pim interface brief": protocols.parse_pim_interface_brief,
        "show cts interface brief": protocols.parse_cts_interface_brief,
    },
    "huawei_vrp": {
        "display version": huawei.parse_version,
        "display esn": huawei.parse_esn,
        "display device esn": huawei.parse_esn,
        "display sn": huawei.parse_esn,
        "display clock": time.parse_clock,
        "display cpu": huawei.parse_cpu,
        "display memory": huawei.parse_memory,
        "display interface": huawei_network.parse_interface,
        "display interface brief": huawei_network.parse_interface_brief,
        "display ip interface brief": huawei_network.parse_ip_interface_brief,
        "display temperature": huawei_hardware.parse_temperature,
        "display environment": huawei_hardware.parse_temperature,
        "display fan": huawei_hardware.parse_fan,
        "display device fan": huawei_hardware.parse_fan,
        "display power": huawei_hardware.parse_power,
        "display device power": huawei_hardware.parse_power,
        "display transceiver": huawei_optics.parse_transceiver,
        "display device": huawei_hardware.parse_device,
        "display device manufacture-info": huawei_hardware.parse_manufacture,
        "display lldp neighbor": huawei_neighbours.parse_lldp,
        "display ntp": huawei.parse_ntp_status,
        "display startup": huawei.parse_startup,
        "display alarm": huawei_alarms.parse_alarms,
        "display logbuffer": huawei.parse_log,
        "display hrp state": huawei.parse_hrp,
        "display license": huawei_licences.parse_license,
        "display version ips-sdb": huawei_licences.parse_signatures,
        "display version av-sdb": huawei_licences.parse_signatures,
        "display vrrp brief": or_nothing(huawei_protocols.parse_vrrp_brief),
        "display stp brief": huawei_protocols.parse_stp_brief,
        "display eth-trunk": or_nothing(huawei_groups.parse_trunks),
        "display stack": or_nothing(huawei_groups.parse_stack),
        "display ospf peer brief": or_nothing(huawei_protocols.parse_ospf_peers),
        "display bgp peer": or_nothing(huawei_protocols.parse_bgp_peers),
    },
    "hp_comware": {
        "display version": comware.parse_version,
        "display clock": time.parse_clock,
        "display cpu-usage": comware.parse_cpu,
        "display memory": comware.parse_memory,
        "display interface": comware_network.parse_interface,
        "display interface brief": comware_network.parse_interface_brief,
        "display ip interface brief": comware_network.parse_ip_interface_brief,
        "display environment": comware_hardware.parse_environment,
        "display fan": comware_hardware.parse_fan,
        "display power": comware_hardware.parse_power,
        "display device": comware_hardware.parse_device,
        "display device manuinfo": comware_hardware.parse_manuinfo,
        "display irf": comware.parse_irf,
        "display alarm": comware_protocols.parse_alarms,
        "display transceiver diagnosis": comware_network.parse_transceiver,
        "display lldp neighbor-information verbose": comware_neighbours.parse_lldp_verbose,
        "display lldp neighbor-information list": comware_neighbours.parse_lldp_list,
        "display ntp": huawei.parse_ntp_status,
        "display startup": huawei.parse_startup,
        "display logbuffer summary": comware.parse_log_summary,
        "display link-aggregation member-port": comware_network.parse_aggregation_members,
        "display link-aggregation summary": or_nothing(comware_network.parse_aggregation_summary),
        "display bgp peer": or_nothing(comware_neighbours.parse_bgp_peers),
        "display ospf peer": or_nothing(comware_protocols.parse_ospf),
        "display vrrp": or_nothing(comware_protocols.parse_vrrp),
        "display license": comware_licences.parse_license,
        "display ips signature library": comware_licences.parse_signatures,
        "display anti-virus signature library": comware_licences.parse_signatures,
    },
    "ruijie_os": {
        "show version": ruijie.parse_version,
        "show version slots": ruijie.parse_version_slots,
        "show clock": time.parse_clock,
        "show cpu": ruijie.parse_cpu,
        "show memory": ruijie.parse_memory,
        "show interfaces": ruijie_interfaces.parse_interfaces,
        "show interfaces status": ruijie_interfaces.parse_interfaces_status,
        "show ip interface brief": ruijie_interfaces.parse_ip_interface_brief,
        "show temperature": ruijie.parse_temperature,
        "show fan": ruijie.parse_fan,
        "show power": ruijie.parse_power,
        "show lldp neighbors detail": ruijie_neighbours.parse_lldp_detail,
        "show lldp neighbors": ruijie_neighbours.parse_lldp_brief,
        "show ntp status": protocols.parse_ntp_status,
        "show logging": cisco.parse_logging,
        "show switch virtual": ruijie_groups.parse_virtual_switch,
        "show interfaces transceiver": ruijie_groups.parse_transceiver,
        "show vrrp brief": or_nothing(protocols.parse_vrrp_brief),
        "show ip bgp summary": _BGP,
        "show bgp ipv4 unicast summary": _BGP,
        "show ip ospf neighbor": _OSPF,
    },
    "juniper_junos": {
        "show version": juniper.parse_version,
        "show system uptime": juniper.parse_uptime,
        "show chassis routing-engine": juniper.parse_routing_engine,
        "show chassis environment": juniper.parse_environment,
        "show chassis hardware": juniper.parse_hardware,
        "show interfaces": juniper_interfaces.parse_interfaces,
        "show system storage": juniper.parse_storage,
        "show chassis alarms": juniper.parse_alarms,
        "show lldp neighbors": juniper.parse_lldp,
        "show ntp status": juniper.parse_ntp,
        "show interfaces diagnostics optics": juniper_protocols.parse_optics,
        "show virtual-chassis": or_nothing(juniper_protocols.parse_virtual_chassis),
        "show lacp interfaces": or_nothing(juniper_protocols.parse_lacp),
        "show bgp summary": or_nothing(juniper_protocols.parse_bgp),
        "show ospf neighbor": or_nothing(juniper_protocols.parse_ospf),
    },
    "fortinet": {
        "get system status": fortinet.parse_status,
        "get system performance status": fortinet.parse_performance,
        "execute sensor list": fortinet.parse_sensors,
        "get system interface physical": fortinet.parse_interfaces,
        "get system ha status": fortinet.parse_ha,
        "diagnose lldprx": fortinet.parse_lldp,
        "diagnose sys ntp status": fortinet.parse_ntp,
        "diagnose autoupdate versions": fortinet.parse_versions,
        "get router info bgp summary": _BGP,
        "get router info ospf neighbor": _OSPF,
    },
    "hillstone_stoneos": {
        "show version": hillstone.parse_version,
        "show cpu": hillstone.parse_cpu,
        "show memory": hillstone.parse_memory,
        "show interface": hillstone.parse_interfaces,
        "show environment": hillstone_hardware.parse_environment,
        "show module": hillstone_hardware.parse_modules,
        "show transceiver": hillstone_hardware.parse_transceivers,
        "show session generic": hillstone.parse_sessions,
        "show license summary": hillstone.parse_licences,
    },
    "paloalto_panos": {
        "show system info": paloalto.parse_info,
        "show system resources": paloalto.parse_resources,
        "show system environmentals": paloalto.parse_environmentals,
        "show interface hardware": paloalto.parse_hardware,
        "show high-availability state": paloalto.parse_ha,
        "show ntp": paloalto.parse_ntp,
        "request license info": paloalto_licences.parse_license,
    },
}


def parser_for(platform: str, command: str) -> Parser | None:
    """The parser of the longest beginning that fits; None where the answer is kept as evidence alone."""
    fitting = [
        one
        for one in PARSERS.get(platform, {})
        if command == one or command.startswith((f"{one} ", f"{one}-"))
    ]
    return PARSERS[platform][max(fitting, key=len)] if fitting else None
