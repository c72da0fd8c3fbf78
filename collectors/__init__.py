"""Reads devices over SSH, SNMP and locally; knows nothing of the web, the database or tickets.

The way of one visit: ``Target`` → transport → ``Transcript`` → parsers → ``DeviceFacts`` → checks →
``Finding``. Everything right of the transcript is a pure function, so a visit can be judged again at
any time from its transcript alone.
"""

__version__ = "0.1.0"
