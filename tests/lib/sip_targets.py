#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP over mutual TLS as its servers and as a caller over UDP, just as much as finding servers needs.

usage: sip_targets.py serve PKI_DIRECTORY ADDRESS:PORT:CERTIFICATE:STATUS...
           one server each; says "ADDRESS:PORT METHOD" for each request and answers STATUS, then closes
       sip_targets.py call OWN_ADDRESS RELAY NUMBER
           an INVITE; prints the final status
       sip_targets.py knock ADDRESS PORT COUNT [SECONDS]
           so many connections, one after the other, each with bytes that are no TLS; prints how many were
           closed before anything was sent, which is waited for so long (0.15 s)
"""
import os
import socket
import ssl
import sys
import threading

SDP = "v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
REPEATED = ("via", "from", "to", "call-id", "cseq")


def answer(head, status):
    lines = [line for line in head.split("\r\n")[1:] if line.split(":")[0].strip().lower() in REPEATED]
    lines = [line + ";tag=t" if line.lower().startswith("to:") and "tag=" not in line else line for line in lines]
    return (f"SIP/2.0 {status} X\r\n" + "\r\n".join(lines) + "\r\nContent-Length: 0\r\n\r\n").encode()


def converse(where, tls, status):
    data = b""
    while True:
        piece = tls.recv(65536)
        if not piece:
            return
        data += piece
        while b"\r\n\r\n" in data:
            head, _, rest = data.partition(b"\r\n\r\n")
            text = head.decode("latin-1")
            length = next((int(line.split(":")[1]) for line in text.split("\r\n") if
                           line.lower().startswith("content-length")), 0)
            if len(rest) < length:
                break
            data = rest[length:]
            method = text.split(" ")[0]
            print(where, method, flush=True)
            if method == "ACK":
                return  # the next call looks for a server again
            tls.sendall(answer(text, status))


def serve_one(pki, address, port, certificate, status):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{pki}/{certificate}.pem", f"{pki}/{certificate}.key")
    context.load_verify_locations(f"{pki}/ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server((address, int(port)), reuse_port=False)
    while True:
        connection, _ = listener.accept()
        try:
            with context.wrap_socket(connection, server_side=True) as tls:
                converse(f"{address}:{port}", tls, status)
        except OSError as error:
            print(f"{address}:{port} failed: {error}", flush=True)


def serve(pki, targets):
    threads = [threading.Thread(target=serve_one, args=(pki, *target.split(":"))) for target in targets]
    for thread in threads:
        thread.start()
    print("serving", flush=True)
    for thread in threads:
        thread.join()


def call(own, relay, number):
    sdp = SDP.format(own)
    branch = os.urandom(6).hex()
    head = (f"Via: SIP/2.0/UDP {own}:5060;branch=z9hG4bK{branch};rport\r\nFrom: <sip:caller@{own}>;tag={branch}\r\n"
            f"Call-ID: {branch}\r\nMax-Forwards: 70\r\n")
    uri = f"sip:{number}@{relay}"
    invite = (f"INVITE {uri} SIP/2.0\r\n{head}To: <{uri}>\r\nCSeq: 1 INVITE\r\nContact: <sip:caller@{own}>\r\n"
              f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((own, 5060))
        sock.settimeout(40)
        sock.sendto(invite.encode(), (relay, 5060))
        while True:
            text = sock.recv(65536).decode("latin-1")
            status = text.split(" ")[1]
            if status[0] == "1":
                continue
            to = next(line for line in text.split("\r\n") if line.lower().startswith("to:"))
            sock.sendto((f"ACK {uri} SIP/2.0\r\n{head}{to}\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n").encode(),
                        (relay, 5060))
            print(status)
            return


def knock(address, port, count, seconds):
    closed = 0
    for _ in range(count):
        with socket.create_connection((address, port), timeout=15) as sock:
            sock.settimeout(seconds)
            try:
                closed += sock.recv(1) == b""
            except TimeoutError:
                pass
            except OSError:
                closed += 1
            try:
                sock.settimeout(15)
                sock.sendall(b"GET / HTTP/1.0\r\n\r\n" * 4)
                while sock.recv(4096):
                    pass
            except OSError:
                pass
    print(closed)


def main():
    arguments = sys.argv[1:]
    if len(arguments) >= 3 and arguments[0] == "serve":
        serve(arguments[1], arguments[2:])
    elif len(arguments) == 4 and arguments[0] == "call":
        call(*arguments[1:])
    elif len(arguments) in (4, 5) and arguments[0] == "knock":
        knock(arguments[1], int(arguments[2]), int(arguments[3]), float((arguments + ["0.15"])[4]))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
