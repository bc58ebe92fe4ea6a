"""A handler for Python's logging that writes to a stream of Tailql. Standard library only; to be copied.

    logging.getLogger().addHandler(TailqlHandler(url, token, "shop"))
    logging.info("cart opened", extra={"items": 3})

    trail = logging.getLogger("trail")
    trail.addHandler(TailqlHandler(url, token, "shop-audit", audit=True))
    trail.info("ada signed in", extra={"action": "sign_in", "user": "ada"})

Extra fields stand beside the others in a system record, and in `metadata` in an audit record, whose action is the extra field
`action`, else `state_change`. Records go out in the background: a server that is away neither blocks nor breaks anything.
"""

import atexit
import json
import logging
import os
import queue
import random
import sys
import threading
import time
import urllib.request
import uuid
from datetime import datetime, timezone

BATCH = 200  # records in one request; audit records go in smaller ones
AUDIT_BATCH = 20
DELAY = 0.2  # seconds that a record waits for others to go with it
MOST_WAITING = 10_000  # records that wait while the server is away; of more, the newest are given up
ATTEMPTS = 6
TIMEOUT = 10  # seconds

LEVELS = ((50, "FATAL"), (40, "ERROR"), (30, "WARN"), (20, "INFO"), (10, "DEBUG"))
RESERVED = {"timestamp", "level", "logger", "message", "module", "function", "line"}
ORDINARY = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

FIND = "query ($name: String!) { source(by: { name: $name }) { id } }"
WRITE = "mutation ($input: WriteLogsInput!) { writeLogs(input: $input) { __typename ... on Error { message } } }"
RECORD = "{name}: recordAuditEvent(input: ${name}) {{ __typename ... on Error {{ message }} }}"


class TailqlHandler(logging.Handler):
    """Writes to the stream of this name; the token has the scopes LOGS_READ and LOGS_WRITE."""

    def __init__(self, url, token, stream, audit=False):
        super().__init__()
        self.url, self.token, self.stream, self.audit = url, token, stream, audit
        self.dropped = 0  # records that were given up since the beginning
        self.problem = None  # why the last of them were
        self._source = None
        self._queue = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def emit(self, record):
        try:
            self._queue.put_nowait(self._audit(record) if self.audit else self._system(record))
        except queue.Full:
            self.dropped += 1
            self.problem = "too many wait"
        except Exception:
            self.handleError(record)

    def close(self):
        """Waits, for some seconds at most, until everything was sent or given up."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(2 * TIMEOUT)
        super().close()

    def _common(self, record):
        level = next((name for least, name in LEVELS if record.levelno >= least), "TRACE")
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + logging.Formatter().formatException(record.exc_info)
        extra = {key: value for key, value in vars(record).items() if key not in ORDINARY}
        return level, message, json.loads(json.dumps(extra, default=str))

    def _system(self, record):
        level, message, extra = self._common(record)
        return {
            "timestamp": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
            "level": level,
            "logger": record.name,
            "message": message,
            "module": record.module,
            "function": record.funcName,
            "line": record.lineno,
            "fields": {("_" + key if key in RESERVED else key): value for key, value in extra.items()},
        }

    def _audit(self, record):
        level, message, extra = self._common(record)
        action = str(extra.pop("action", "state_change"))
        event = {"action": action, "level": level, "logger": record.name, "message": message, "metadata": extra}
        return {**event, "idempotencyKey": str(uuid.uuid4())}

    def _run(self):
        ended = False
        while not ended:
            batch = [self._queue.get()]
            until = time.monotonic() + DELAY
            while len(batch) < (AUDIT_BATCH if self.audit else BATCH) and batch[-1] is not None:
                try:
                    batch.append(self._queue.get(timeout=max(0, until - time.monotonic())))
                except queue.Empty:
                    break
            ended = batch[-1] is None
            records = [record for record in batch if record is not None]
            if records:
                self._send(records, str(uuid.uuid4()))

    def _send(self, records, key):
        """The keys see to it that a record of which the answer was lost is written once."""
        for attempt in range(ATTEMPTS):
            if attempt > 0:  # not all who were cut off come back at the same moment
                time.sleep(0.1 * 2**attempt * random.uniform(0.5, 1.5))
            try:
                source = self._find()
                answers = self._write(source, records, key)
                problems = [one["message"] for one in answers if "message" in one]
                if not problems:
                    return
                self.problem = problems[0]
                if all(one["__typename"] != "LimitReachedError" for one in answers):
                    break
            except Exception as error:
                self.problem = str(error)
        self.dropped += len(records)

    def _find(self):
        if self._source is None:
            source = self._ask(FIND, {"name": self.stream})["source"]
            if source is None:
                raise LookupError(f'There is no stream "{self.stream}".')
            self._source = source["id"]
        return self._source

    def _write(self, source, records, key):
        if not self.audit:
            entries = {"source": source, "entries": records, "idempotencyKey": key}
            return [self._ask(WRITE, {"input": entries})["writeLogs"]]
        names = [f"r{index}" for index in range(len(records))]
        arguments = ", ".join(f"${name}: RecordAuditEventInput!" for name in names)
        document = f"mutation ({arguments}) {{ {' '.join(RECORD.format(name=name) for name in names)} }}"
        variables = {name: {"source": source, **record} for name, record in zip(names, records)}
        return list(self._ask(document, variables).values())

    def _ask(self, query, variables):
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.url, body, headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            answer = json.load(response)
        if answer.get("errors"):
            raise RuntimeError(answer["errors"][0]["message"])
        return answer["data"]


if __name__ == "__main__":
    # TAILQL_TOKEN=… python3 examples/streams/handler.py STREAM AUDIT_STREAM
    address = os.environ.get("TAILQL_URL", "http://127.0.0.1:4000/graphql")
    secret = os.environ.get("TAILQL_TOKEN", "")
    name, audit_name = (sys.argv[1:] + ["example", "example-audit"])[:2]
    system, trail = TailqlHandler(address, secret, name), TailqlHandler(address, secret, audit_name, audit=True)
    logging.basicConfig(level=logging.INFO, handlers=[system])
    logging.info("cart opened", extra={"items": 3, "line": "mine"})
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("it went wrong")
    audit = logging.getLogger("trail")
    audit.propagate = False
    audit.addHandler(trail)
    audit.warning("ada signed in", extra={"action": "sign_in", "user": "ada"})
    for handler in (system, trail):
        handler.close()
        print(f"{handler.stream}: done, {handler.dropped} dropped", handler.problem or "")
