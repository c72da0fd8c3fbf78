"""The makers' own objects for processor, memory, temperature, fans and power supplies."""

from __future__ import annotations

from collections.abc import Callable

from collectors.simulator.mib_device import ENTERPRISES, Device
from collectors.transports.ber import Oid


def temperature(device: Device) -> float:
    """Board temperature in °C."""
    return 78 if device.has("hot") else device.wave(41, 2, 11)


def busy_percent(device: Device) -> float:
    return 97 if device.has("cpu_high") else device.wave(14, 7, 12, 1800)


def memory_percent(device: Device) -> float:
    return 95 if device.has("memory_high") else device.wave(47, 2, 13)


def add(device: Device, vendor: str, board: int) -> None:
    """The objects of one maker; ``board`` is the main board's entPhysicalIndex."""
    _VENDORS[vendor](device, board)


def huawei(device: Device, board: int) -> None:
    """HUAWEI-ENTITY-EXTENT-MIB hwEntityStateTable, hwFanStatusTable, hwPwrStatusTable."""
    base: Oid = (*ENTERPRISES, 2011, 5, 25, 31, 1, 1)
    state = (*base, 1, 1)
    for index in (1, board):  # the chassis answers as well, with fillers
        real = index == board
        device.number((*state, 1, index), 2)  # hwEntityAdminStatus
        device.number((*state, 2, index), 3)  # hwEntityOperStatus: enabled
        device.number((*state, 5, index), busy_percent(device) if real else 0)  # hwEntityCpuUsage, %
        device.number((*state, 6, index), 80 if real else 0)  # hwEntityCpuUsageThreshold
        device.number((*state, 7, index), memory_percent(device) if real else 0)  # hwEntityMemUsage, %
        device.number((*state, 8, index), 80 if real else 0)  # hwEntityMemUsageThreshold
        device.number((*state, 9, index), 505_413_632 if real else 0)  # hwEntityMemSize, bytes
        # 0x7fffffff: no probe here
        device.number((*state, 11, index), temperature(device) if real else 2_147_483_647)
        device.number((*state, 12, index), 66 if real else 0)  # hwEntityTemperatureThreshold
    for number in (1, 2):
        fan, failed = (*base, 10, 1), number == 1 and device.has("fan_failed")
        device.number((*fan, 1, 0, number), 0)  # hwEntityFanSlot
        device.number((*fan, 2, 0, number), number)  # hwEntityFanSn
        device.number((*fan, 5, 0, number), 0 if failed else 35)  # hwEntityFanSpeed, %
        device.number((*fan, 6, 0, number), 1)  # hwEntityFanPresent
        device.number((*fan, 7, 0, number), 2 if failed else 1)  # hwEntityFanState: 1 normal, 2 abnormal
        power, dead = (*base, 18, 1), number == 2 and device.has("psu_failed")
        device.number((*power, 1, 0, number), 0)  # hwEntityPwrSlot
        device.number((*power, 2, 0, number), number)  # hwEntityPwrSn
        device.number((*power, 4, 0, number), 3)  # hwEntityPwrMode: ac
        device.number((*power, 5, 0, number), 1)  # hwEntityPwrPresent
        device.number((*power, 6, 0, number), 2 if dead else 1)  # hwEntityPwrState: 1 supply, 2 notSupply


def h3c(device: Device, board: int) -> None:
    """HH3C-ENTITY-EXT-MIB hh3cEntityExtStateTable, HH3C-LSW-DEV-ADM-MIB fans and supplies."""
    state: Oid = (*ENTERPRISES, 25506, 2, 6, 1, 1, 1, 1)
    for index in (1, board):
        real = index == board
        device.number((*state, 2, index), 4)  # hh3cEntityExtAdminStatus: unlocked
        device.number((*state, 3, index), 3)  # hh3cEntityExtOperStatus: enabled
        device.number((*state, 6, index), busy_percent(device) if real else 0)  # hh3cEntityExtCpuUsage, %
        device.number((*state, 8, index), memory_percent(device) if real else 0)  # hh3cEntityExtMemUsage, %
        device.gauge((*state, 10, index), 1_073_741_824 if real else 0)  # hh3cEntityExtMemSize, bytes
        # 65535: no probe here
        device.number((*state, 12, index), temperature(device) if real else 65535)
        device.number((*state, 13, index), 70 if real else 65535)  # hh3cEntityExtTemperatureThreshold
        device.number((*state, 19, index), 2)  # hh3cEntityExtErrorStatus: normal
    fan_error = 41 if device.has("fan_failed") else 2
    power_error = 51 if device.has("psu_failed") else 2
    device.number((*state, 19, 21), fan_error)
    device.number((*state, 19, 12), power_error)
    chassis: Oid = (*ENTERPRISES, 25506, 8, 35, 9, 1)
    for number in (1, 2):
        failed = number == 1 and device.has("fan_failed")
        dead = number == 2 and device.has("psu_failed")
        device.number((*chassis, 1, 1, 1, number), number)  # hh3cDevMFanNum
        device.number((*chassis, 1, 1, 2, number), 2 if failed else 1)  # hh3cDevMFanStatus: 1 active
        device.number((*chassis, 2, 1, 1, number), number)  # hh3cDevMPowerNum
        device.number((*chassis, 2, 1, 2, number), 2 if dead else 1)  # hh3cDevMPowerStatus: 1 active


def cisco(device: Device, board: int) -> None:
    """CISCO-PROCESS-MIB, CISCO-MEMORY-POOL-MIB, CISCO-ENVMON-MIB."""
    base: Oid = (*ENTERPRISES, 9, 9)
    total = (*base, 109, 1, 1, 1, 1)
    device.number((*total, 2, 1), board)  # cpmCPUTotalPhysicalIndex
    device.gauge((*total, 6, 1), busy_percent(device))  # cpmCPUTotal5secRev, %
    device.gauge((*total, 7, 1), busy_percent(device))  # cpmCPUTotal1minRev
    device.gauge((*total, 8, 1), busy_percent(device))  # cpmCPUTotal5minRev
    pool, size = (*base, 48, 1, 1, 1), 536_870_912
    used = int(size * memory_percent(device) / 100)
    device.text((*pool, 2, 1), "Processor")  # ciscoMemoryPoolName
    device.number((*pool, 4, 1), 1)  # ciscoMemoryPoolValid
    device.gauge((*pool, 5, 1), used)  # ciscoMemoryPoolUsed, bytes
    device.gauge((*pool, 6, 1), size - used)  # ciscoMemoryPoolFree
    monitor = (*base, 13, 1)
    hot = device.has("hot")
    device.text((*monitor, 3, 1, 2, 1006), f"SW#1, Sensor#1, {'YELLOW' if hot else 'GREEN'}")
    device.gauge((*monitor, 3, 1, 3, 1006), temperature(device))  # ciscoEnvMonTemperatureStatusValue, °C
    device.number((*monitor, 3, 1, 4, 1006), 68)  # ciscoEnvMonTemperatureThreshold
    device.number((*monitor, 3, 1, 5, 1006), 0)  # ciscoEnvMonTemperatureLastShutdown
    device.number((*monitor, 3, 1, 6, 1006), 2 if hot else 1)  # …State: 1 normal, 2 warning, 3 critical
    for number in (1, 2):
        fan_index, supply_index = 1020 + number, 1030 + number
        failed = number == 1 and device.has("fan_failed")
        dead = number == 2 and device.has("psu_failed")
        device.text((*monitor, 4, 1, 2, fan_index), f"Switch#1, Fan#{number}")
        device.number((*monitor, 4, 1, 3, fan_index), 3 if failed else 1)  # ciscoEnvMonFanState
        device.text((*monitor, 5, 1, 2, supply_index), f"Sw1, PS{number}")
        device.number((*monitor, 5, 1, 3, supply_index), 3 if dead else 1)  # ciscoEnvMonSupplyState
        device.number((*monitor, 5, 1, 4, supply_index), 2)  # ciscoEnvMonSupplySource: ac


def ruijie(device: Device, board: int) -> None:
    """RUIJIE-PROCESS-MIB ruijieCPUUtilization5Sec…, RUIJIE-MEMORY-MIB ruijieMemoryPoolTable."""
    base: Oid = (*ENTERPRISES, 4881, 1, 1, 10, 2)
    for column in (1, 2, 3):  # ruijieCPUUtilization5Sec, 1Min, 5Min, %
        device.gauge((*base, 36, 1, 1, column, 0), busy_percent(device))
    pool, size = (*base, 35, 1, 1, 1), 1_073_741_824
    used = int(size * memory_percent(device) / 100)
    device.number((*pool, 1, 1), 1)  # ruijieMemoryPoolIndex
    device.text((*pool, 2, 1), "Memory pool")  # ruijieMemoryPoolName
    device.number((*pool, 3, 1), memory_percent(device))  # ruijieMemoryPoolCurrentUtilization, %
    device.gauge((*pool, 6, 1), size)  # ruijieMemoryPoolSize, bytes
    device.gauge((*pool, 7, 1), used)  # ruijieMemoryPoolUsed
    device.gauge((*pool, 8, 1), size - used)  # ruijieMemoryPoolFree


def fortigate(device: Device) -> None:
    """FORTINET-CORE-MIB fnSysSerial; FORTINET-FORTIGATE-MIB fgSystemInfo, fgHwSensors, fgHaInfo."""
    base: Oid = (*ENTERPRISES, 12356)
    device.text((*base, 100, 1, 1, 1, 0), device.serial("FG100E"))  # fnSysSerial
    info = (*base, 101, 4, 1)
    device.text((*info, 1, 0), "v6.4.9,build1966,220421 (GA)")  # fgSysVersion
    device.gauge((*info, 3, 0), busy_percent(device))  # fgSysCpuUsage, %
    device.gauge((*info, 4, 0), memory_percent(device))  # fgSysMemUsage, %
    device.gauge((*info, 5, 0), 4_118_000)  # fgSysMemCapacity, kB
    device.gauge((*info, 6, 0), 28_900 if device.has("disk_full") else 3_100)  # fgSysDiskUsage, MB
    device.gauge((*info, 7, 0), 29_500)  # fgSysDiskCapacity, MB
    device.gauge((*info, 8, 0), device.wave(4200, 900, 3))  # fgSysSesCount
    device.number((*base, 101, 13, 1, 1, 0), 1)  # fgHaSystemMode: standalone
    failed, dead = device.has("fan_failed"), device.has("psu_failed")
    sensors = (
        ("CPU ON-DIE Temperature", temperature(device), device.has("hot")),
        ("FAN1", 0 if failed else device.wave(5000, 200, 5), failed),
        ("PS1 Status", 1 if dead else 0, dead),
    )
    table = (*base, 101, 4, 3)
    device.number((*table, 1, 0), len(sensors))  # fgHwSensorCount
    for number, (name, value, alarm) in enumerate(sensors, 1):
        device.number((*table, 2, 1, 1, number), number)  # fgHwSensorEntIndex
        device.text((*table, 2, 1, 2, number), name)  # fgHwSensorEntName
        device.text((*table, 2, 1, 3, number), f"{value:g}")  # fgHwSensorEntValue
        device.number((*table, 2, 1, 4, number), 1 if alarm else 0)  # fgHwSensorEntAlarmStatus


_VENDORS: dict[str, Callable[[Device, int], None]] = {
    "huawei": huawei,
    "h3c": h3c,
    "cisco": cisco,
    "ruijie": ruijie,
}
