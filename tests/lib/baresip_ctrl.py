#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives one command to a baresip on this host (ctrl_tcp: netstrings of JSON), prints the answer.

usage: baresip_ctrl.py COMMAND [PARAMS]     exit code 0: baresip took it, 1: it did not
"""
import json
import socket
import sys


def main() -> int:
    request = json.dumps({"command": sys.argv[1], "params": sys.argv[2] if len(sys.argv) > 2 else ""}).encode()
    with socket.create_connection(("127.0.0.1", 4444), timeout=30) as sock:
        sock.sendall(b"%d:%s," % (len(request), request))
        buffer = b""
        while True:
            head, colon, rest = buffer.partition(b":")
            if colon and len(rest) > int(head):
                message = json.loads(rest[: int(head)])
                buffer = rest[int(head) + 1 :]
                if message.get("response"):
                    print(message.get("data", ""))
                    return 0 if message.get("ok") else 1
                continue  # an event
            chunk = sock.recv(65536)
            if not chunk:
                print("baresip closed the connection", file=sys.stderr)
                return 1
            buffer += chunk


if __name__ == "__main__":
    sys.exit(main())
