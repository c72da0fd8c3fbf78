"""Huawei VRP: S, CE, AR and NE series, USG firewalls."""
