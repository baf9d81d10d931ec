#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The other end of the wire, for tests/integration/ports.sh; plain sockets of the kernel.

peer.py udp DESTINATION PORT TEXT   send a datagram; "refused": ICMP port unreachable; or "sent"
peer.py udps DESTINATION PORT COUNT send datagrams "n 0", "n 1" ... from as many source ports
peer.py recv ADDRESS PORT SECONDS   prints each datagram received
peer.py echo ADDRESS PORT           answers datagrams and TCP connections until killed
peer.py ask ADDRESS PORT TEXT       asks an echo by UDP; prints the answer or "silence"
peer.py tcp ADDRESS PORT TEXT       the same by TCP
peer.py ping ADDRESS                prints "pong" or "silence"
peer.py vlan DEVICE MAC SOURCE DESTINATION PORT TEXT   send a datagram in VLAN 7 to a MAC address
"""
import os
import select
import socket
import struct
import sys


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def udp(address, port, text):
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.connect((address, int(port)))
    s.send(text.encode())
    s.settimeout(0.4)
    try:
        s.recv(2048)
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        pass
    return "sent"


def udps(address, port, count):
    sockets = []
    for i in range(int(count)):
        s = socket.socket(family(address), socket.SOCK_DGRAM)
        s.sendto(f"n {i}".encode(), (address, int(port)))
        sockets.append(s)
    return "sent"


def recv(address, port, seconds):
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.bind((address, int(port)))
    print("bound", flush=True)
    s.settimeout(float(seconds))
    try:
        while True:
            data, source = s.recvfrom(4096)
            print("got", source[0], source[1], data.decode(), flush=True)
    except TimeoutError:
        return "end"


def echo(address, port):
    u = socket.socket(family(address), socket.SOCK_DGRAM)
    u.bind((address, int(port)))
    t = socket.create_server((address, int(port)), family=family(address))
    print("bound", flush=True)
    while True:
        for s in select.select([u, t], [], [])[0]:
            if s is u:
                data, source = u.recvfrom(4096)
                u.sendto(b"echo " + data, source)
            else:
                with t.accept()[0] as c:
                    c.sendall(b"echo " + c.recv(4096))


def ask(address, port, text):
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.connect((address, int(port)))
    s.settimeout(1)
    s.send(text.encode())
    try:
        return s.recv(4096).decode()
    except (TimeoutError, ConnectionRefusedError):
        return "silence"


def tcp(address, port, text):
    try:
        with socket.create_connection((address, int(port)), timeout=1) as s:
            s.sendall(text.encode())
            return s.recv(4096).decode()
    except OSError:
        return "silence"


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ping(address):
    if family(address) == socket.AF_INET6:  # the kernel fills in this checksum
        s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        request, reply, skip = struct.pack("!BBHHH", 128, 0, 0, os.getpid() & 0xFFFF, 1), 129, 0
    else:
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        request = struct.pack("!BBHHH", 8, 0, 0, os.getpid() & 0xFFFF, 1)
        request = struct.pack("!BBHHH", 8, 0, checksum(request), os.getpid() & 0xFFFF, 1)
        reply, skip = 0, 20
    s.settimeout(1)
    s.sendto(request, (address, 0))
    try:
        while True:
            data = s.recv(2048)[skip:]
            if data[0] == reply and data[4:8] == request[4:8]:
                return "pong"
    except TimeoutError:
        return "silence"


def vlan(device, mac, source, destination, port, text):
    udp_part = struct.pack("!HHHH", 4000, int(port), 8 + len(text), 0) + text.encode()
    address = socket.inet_aton(source) + socket.inet_aton(destination)
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(udp_part), 0, 0, 64, 17)
    head += struct.pack("!H", checksum(head + b"\0\0" + address)) + address
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((device, 0))
    own = s.getsockname()[4]
    s.send(bytes.fromhex(mac.replace(":", "")) + own + struct.pack("!HHH", 0x8100, 7, 0x0800) + head + udp_part)
    return "sent"


print({f.__name__: f for f in (udp, udps, recv, echo, ask, tcp, ping, vlan)}[sys.argv[1]](*sys.argv[2:]))
