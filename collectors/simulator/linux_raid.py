"""RAID controller of an imaginary host: what StorCLI and PERC CLI print of it."""

from __future__ import annotations

import json


def megaraid(seed: int, *, degraded: bool) -> str:
    """A mirror of two disks behind a controller with its battery; degraded, the second disk has failed."""
    states = ("Onln", "Failed" if degraded else "Onln")
    disks = [
        {
            "EID:Slt": f"32:{slot}",
            "DID": slot,
            "State": state,
            "DG": 0,
            "Size": "558.375 GB",
            "Intf": "SAS",
            "Med": "HDD",
            "Model": "ST600MM0088",
            "Sp": "U",
        }
        for slot, state in enumerate(states)
    ]
    topology = [
        {"DG": 0, "Arr": 0, "Row": slot, "EID:Slot": f"32:{slot}", "Type": "DRIVE", "State": state}
        for slot, state in enumerate(states)
    ]
    controller = {
        "Basics": {"Controller": 0, "Model": "PERC H730P Mini", "Serial Number": f"R{seed:07d}"},
        "Version": {"Firmware Version": "4.300.00-8364"},
        "Status": {"Controller Status": "Needs Attention" if degraded else "Optimal"},
        "HwCfg": {"BBU": "Present", "ROC temperature(Degree Celsius)": 54 + seed % 9},
        "TOPOLOGY": topology,
        "VD LIST": [
            {
                "DG/VD": "0/0",
                "TYPE": "RAID1",
                "State": "Dgrd" if degraded else "Optl",
                "Access": "RW",
                "Consist": "Yes",
                "Size": "558.375 GB",
                "Name": "system",
            }
        ],
        "PD LIST": disks,
        "BBU_Info": [{"Model": "BBU", "State": "Optimal", "Temp": "31C", "Mode": "-"}],
    }
    details: dict[str, object] = {}
    for slot, disk in enumerate(disks):
        place = f"Drive /c0/e32/s{slot}"
        details[place] = [disk]
        details[f"{place} - Detailed Information"] = {
            f"{place} State": {
                "Media Error Count": 0,
                "Other Error Count": 0,
                "Drive Temperature": f" {29 + slot}C (84.20 F)",
                "Predictive Failure Count": 0,
                "S.M.A.R.T alert flagged by drive": "No",
            },
            f"{place} Device attributes": {
                "SN": f"W{seed:05d}{slot}",
                "Manufacturer Id": "SEAGATE ",
                "Model Number": "ST600MM0088",
                "Firmware Revision": "TT31",
            },
        }
    return _answer(controller) + _answer(details)


def _answer(data: dict[str, object]) -> str:
    status = {"Controller": 0, "Status": "Success", "Description": "None"}
    document = {"Controllers": [{"Command Status": status, "Response Data": data}]}
    return json.dumps(document, indent=1) + "\n"
