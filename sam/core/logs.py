"""Every log line carries the request and the person, and never a token, cookie or client path."""

import logging
import re

from .audit import person_id, request_id

CLIENT_PATH = re.compile(r"/s/[^\s\"']+")


class RequestFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        record.person_id = person_id.get()
        if isinstance(record.msg, str):
            record.msg = CLIENT_PATH.sub("/s/…", record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(CLIENT_PATH.sub("/s/…", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True
