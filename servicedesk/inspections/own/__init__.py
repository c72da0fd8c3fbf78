"""Checks that administrators define in the browser, without programming."""
