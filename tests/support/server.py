#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A server, or a proxy, that answers by a script, for what no real one does.

usage: server.py SCRIPT LOG [CERTIFICATE KEY [WORD]]

With "-" for a WORD, TLS is for tunnels alone; with "1.2" it is of that version, ends as it should, so that each session may be
resumed, and each of its handshakes is logged: whether it did.

SCRIPT is JSON: {"PATH": ANSWER or [ANSWER, ...]}; of several answers each is given once, the last for ever. What a proxy is
asked has an absolute URL for a PATH, and HOST:PORT for CONNECT. An ANSWER is
  {"status": 200, "headers": [["Name", "value"]], "body": "text" | "base64": "..."}
and may have
  "needs": "..."   an Authorization without which the answer is 401, with the headers of "/v2/"
  "length": N      what Content-Length says, in place of the truth; null: none at all
  "cut": N         close the connection after so many bytes of the whole response
  "hang": true     say nothing more after what has been written
  "drip": S        a byte each S seconds
  "endless": true  the body again and again
  "gzip": true     the body is compressed
  "chunked": true  the body goes in chunks
  "tunnel": true   the answer to a CONNECT: from now on this is the server that was asked for, with its certificate
"*" is for all other paths (404 when it is not there). {PORT} in headers and bodies becomes the port.
LOG gets a line for each request, JSON: its method, path, headers in lower case, body, the number of its connection, and whether
that resumed a session of TLS.
The first line on standard output is the port. A line on standard input makes it read SCRIPT again and empty LOG, and is
answered by another line; it ends when its standard input does.
"""
import base64
import functools
import gzip
import itertools
import json
import os
import socketserver
import ssl
import sys
import threading
import time


class Handler(socketserver.StreamRequestHandler):
    timeout = 60

    def setup(self):
        super().setup()
        self.number = next(connections)

    def finish(self):
        super().finish()
        if "1.2" in sys.argv[5:]:
            try:
                self.request.unwrap()
            except (OSError, ValueError):
                pass

    def read_request(self):
        first = self.rfile.read(1)
        if first == b"\x16":  # somebody who speaks TLS: what servers without it say
            self.wfile.write(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.\n")
        if first in (b"", b"\x16"):
            return None
        line = (first + self.rfile.readline(65536)).decode("latin-1").split()
        if len(line) != 3:
            return None
        headers = []
        while True:
            header = self.rfile.readline(65536).decode("latin-1").rstrip("\r\n")
            if not header:
                break
            name, _, value = header.partition(":")
            headers.append([name.lower(), value.strip()])
        length = int(dict(headers).get("content-length", 0))
        body = self.rfile.read(length).decode("latin-1") if length else ""
        return {"method": line[0], "path": line[1], "headers": headers, "body": body, "connection": self.number,
                "resumed": getattr(self.request, "session_reused", False)}

    def handle(self):
        while True:
            try:
                request = self.read_request()
            except OSError:
                return
            if not request:
                return
            with lock:
                log.write(json.dumps(request) + "\n")
                log.flush()
                answer = choose(request)
            if not self.answer(answer):
                return
            if answer.get("tunnel"):
                self.request = tls_context().wrap_socket(self.request, server_side=True)
                super().setup()

    def answer(self, answer):
        body = base64.b64decode(answer["base64"]) if "base64" in answer else fill(answer.get("body", "")).encode()
        if answer.get("gzip"):
            body = gzip.compress(body, mtime=0)
        status = answer.get("status", 200)
        lines = [f"HTTP/1.1 {status} {answer.get('phrase', 'Scripted')}"]
        lines += [f"{name}: {fill(value)}" for name, value in answer.get("headers", [])]
        if answer.get("gzip"):
            lines.append("Content-Encoding: gzip")
        if answer.get("chunked"):
            lines.append("Transfer-Encoding: chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        elif answer.get("length", 0) is not None and not answer.get("tunnel"):
            lines.append(f"Content-Length: {answer.get('length', len(body))}")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        try:
            whole = head + body
            if "cut" in answer and not answer.get("hang"):
                self.wfile.write(whole[: answer["cut"]])
                return False
            whole = whole[: answer.get("cut", len(whole))]
            if "drip" in answer:
                for byte in whole:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(answer["drip"])
            else:
                self.wfile.write(whole)
            self.wfile.flush()
            while answer.get("endless"):
                self.wfile.write(body)
            if answer.get("hang"):
                self.rfile.read(1)
                return False
            return answer.get("length", 0) is not None and status >= 200
        except OSError:
            return False


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass

    def finish_request(self, request, client_address):
        if len(sys.argv) > 4 and "-" not in sys.argv[5:]:
            if "1.2" in sys.argv[5:]:
                with lock:  # a session is kept only after the client has all of the handshake, and may be back already
                    request = tls_context().wrap_socket(request, server_side=True)
                    log.write(json.dumps({"handshake": True, "resumed": request.session_reused}) + "\n")
                    log.flush()
            else:
                request = tls_context().wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)


@functools.lru_cache
def tls_context():
    """One for all connections, which resume each other's sessions."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    if "1.2" in sys.argv[5:]:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def fill(text):
    return text.replace("{PORT}", str(server.server_address[1]))


def choose(request):
    path = request["path"]
    answers = script.get(path, script.get(path.partition("?")[0], script.get("*", {"status": 404})))
    if isinstance(answers, list):
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
    else:
        answer = answers
    if "needs" in answer and answer["needs"] != dict(request["headers"]).get("authorization"):
        return {"status": 401, "headers": script["/v2/"].get("headers", [])}
    return answer


def begin():
    global script, log
    with lock:
        with open(sys.argv[1]) as file:
            script = json.load(file)
        log = open(sys.argv[2], "w")


lock = threading.Lock()
connections = itertools.count(1)
begin()
server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
for _ in sys.stdin:
    begin()
    print("ready", flush=True)
os._exit(0)
