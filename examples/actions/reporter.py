"""Reports what a service does to Tailql. Python 3.8 or later, nothing but the standard library.

    reporter = Reporter('http://127.0.0.1:4000/graphql', token)
    result = reporter.with_action('shop', 'pay', lambda: pay(order), {'order': order.id})

Reports go out in the background, some together: nothing here throws into the service, or makes it wait.
"""

import atexit
import json
import os
import queue
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timezone

# Reports in one request; the server takes up to `limits.maxBatchWrite`.
BATCH_SIZE = 500
# Seconds that a report waits for others to go with it.
DELAY = 0.5
# Reports that wait while the server is away; those beyond are given up.
MOST_WAITING = 10_000
# A server that does not answer by then (seconds) is asked again, with the same key.
TIMEOUT = 10

DOCUMENT = """mutation ($input: RecordActionsInput!) {
  recordActions(input: $input) { __typename ... on Error { message } }
}"""


class Reporter:
    """`token`: an API token with the scope ACTIONS_WRITE. `on_problem` is told what could not be reported."""

    def __init__(self, url, token, on_problem=lambda problem: None):
        self._url = url
        self._token = token
        self._on_problem = on_problem
        self._waiting = queue.Queue(MOST_WAITING)
        threading.Thread(target=self._work, daemon=True, name='action-reporter').start()
        # A program that ends reports what it has done.
        atexit.register(self.flush)

    def with_action(self, service, action, function, metadata=None):
        """Calls `function`, and reports how long it took and whether it raised. Returns and raises what it does."""
        timestamp = datetime.now(timezone.utc).isoformat(timespec='milliseconds')
        started = time.perf_counter()
        report = {'timestamp': timestamp, 'service': service, 'action': action, 'metadata': metadata}
        try:
            result = function()
        except BaseException as error:
            self._report(report, started, status='FAILED', error=repr(error))
            raise
        self._report(report, started, status='SUCCESS')
        return result

    def flush(self, timeout=20):
        """Waits until everything that was reported by now was sent or given up, or the time (seconds) is over."""
        until = time.monotonic() + timeout
        while self._waiting.unfinished_tasks > 0 and time.monotonic() < until:
            time.sleep(0.01)

    def _report(self, report, started, **ending):
        try:
            self._waiting.put_nowait({**report, 'durationMs': (time.perf_counter() - started) * 1000, **ending})
        except queue.Full:
            self._tell('A report was given up: too many wait.')

    def _work(self):
        while True:
            batch = [self._waiting.get()]
            until = time.monotonic() + DELAY
            try:
                while len(batch) < BATCH_SIZE:
                    batch.append(self._waiting.get(timeout=max(0, until - time.monotonic())))
            except queue.Empty:
                pass
            try:
                self._send(batch)
            except Exception as error:  # What is wrong with one batch must not keep the others.
                self._tell(f'{len(batch)} reports were given up: {error!r}')
            for _ in batch:
                self._waiting.task_done()

    def _send(self, actions):
        """Tries some times, for about 15 seconds. The key sees to it that the server records a batch once."""
        variables = {'input': {'actions': actions, 'idempotencyKey': str(uuid.uuid4())}}
        body = json.dumps({'query': DOCUMENT, 'variables': variables}).encode()
        for attempt in range(7):
            if attempt > 0:
                time.sleep(0.125 * 2**attempt)
            try:
                problem = self._post(body)
                if problem is not None:
                    self._tell(f'{len(actions)} reports were refused: {problem}')
                return
            except OSError as error:
                self._tell(f'The server cannot be reached: {error}')
        self._tell(f'{len(actions)} reports were given up.')

    def _post(self, body):
        """None: recorded. Else why not. Raises OSError when it is worth another attempt."""
        headers = {'content-type': 'application/json', 'authorization': f'Bearer {self._token}'}
        request = urllib.request.Request(self._url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                raise
            answer = json.load(error)
        if 'errors' in answer:
            return answer['errors'][0]['message']
        result = answer['data']['recordActions']
        if result['__typename'] == 'LimitReachedError':
            raise OSError(result['message'])
        return None if result['__typename'] == 'RecordActionsPayload' else result['message']

    def _tell(self, problem):
        try:
            self._on_problem(problem)
        except Exception:
            pass


def main():
    reporter = Reporter(
        os.environ.get('TAILQL_URL', 'http://127.0.0.1:4000/graphql'),
        os.environ.get('TAILQL_TOKEN', ''),
        on_problem=lambda problem: print(problem, file=sys.stderr),
    )
    print('The sum is', reporter.with_action('example', 'add', lambda: 1 + 2))
    try:
        reporter.with_action('example', 'divide', lambda: 1 / 0, {'by': 'zero'})
    except ZeroDivisionError as error:
        print('As without a reporter:', error)


if __name__ == '__main__':
    main()
