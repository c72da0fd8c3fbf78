"""Tests of repair orders."""
