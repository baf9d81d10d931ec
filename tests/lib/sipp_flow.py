#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes SIPp scenarios of the table below: flows of RFC 3665 and RFC 5359 through the relay.

usage: sipp_flow.py FLOW ROLE [secured] [routed]
                                            the scenario of ROLE (uac, uas, third) as XML on stdout;
                                            secured: with SDES; routed: by way of a proxy that records its
                                            route (not for replies after another request than the INVITE)
       sipp_flow.py list                    print the flows: NAME ROLES WHAT

A step is "> WHAT ARGS" (send), "< WHAT ARGS" (must come next), "<? WHAT" (may come), or "= MS" (wait).
WHAT is a method or a status; a status is of the last INVITE unless "of METHOD" follows. ARGS: an SDP
(offer, answer, hold, held, moved), 100rel (the header that the flow needs there), and texts that a message that
comes must have, after "has".
"""
import sys
from xml.sax.saxutils import escape

BASIC = {
    "uac": ["> INVITE offer", "<? 100", "< 180", "< 200 has a=rtpmap:0", "> ACK", "= 100", "> BYE", "< 200"],
    "uas": ["< INVITE has a=rtpmap:0", "> 180", "> 200 answer", "< ACK", "< BYE", "> 200 of BYE"],
}
FLOWS = {
    # name: (what, {role: steps})
    "basic": ("RFC 3665 3.1: a call, hung up by the caller", BASIC),
    "callee-bye": (
        "RFC 3665 3.1: a call, hung up by the callee",
        {
            "uac": ["> INVITE offer", "<? 100", "< 180", "< 200", "> ACK", "< BYE has cause=16", "> 200 of BYE"],
            "uas": ["< INVITE", "> 180", "> 200 answer", "< ACK", "= 100", "> BYE reason", "< 200"],
        },
    ),
    "delayed-offer": (
        "RFC 3665 3.1, offer in the 200 and answer in the ACK",
        {
            "uac": ["> INVITE", "<? 100", "< 200 has m=audio", "> ACK answer", "= 100", "> BYE", "< 200"],
            "uas": ["< INVITE", "> 200 offer", "< ACK has m=audio", "< BYE", "> 200 of BYE"],
        },
    ),
    "cancel": (
        "RFC 3665 3.8: no answer, the caller gives up",
        {
            "uac": ["> INVITE offer", "<? 100", "< 180", "> CANCEL", "< 200", "< 487", "> ACK refusal"],
            "uas": ["< INVITE", "> 180", "< CANCEL", "> 200 of CANCEL", "> 487", "< ACK"],
        },
    ),
    "busy": (
        "RFC 3665 3.9: busy",
        {
            "uac": ["> INVITE offer", "<? 100", "< 486", "> ACK refusal"],
            "uas": ["< INVITE", "> 486", "< ACK"],
        },
    ),
    "unavailable": (
        "RFC 3665 3.11: temporarily unavailable",
        {
            "uac": ["> INVITE offer", "<? 100", "< 180", "< 480", "> ACK refusal"],
            "uas": ["< INVITE", "> 180", "> 480", "< ACK"],
        },
    ),
    "moved": (
        "RFC 3665 3.7: a re-INVITE with another address and codec",
        {
            "uac": ["> INVITE offer", "<? 100", "< 180", "< 200", "> ACK", "= 100"]
            + ["> INVITE moved", "<? 100", "< 200 has a=rtpmap:8 PCMA", "> ACK", "= 100", "> BYE", "< 200"],
            "uas": ["< INVITE", "> 180", "> 200 answer", "< ACK"]
            + ["< INVITE has a=rtpmap:8 PCMA", "> 200 moved", "< ACK", "< BYE", "> 200 of BYE"],
        },
    ),
    "hold": (
        "RFC 5359 2.1: the caller holds and resumes",
        {
            "uac": ["> INVITE offer", "<? 100", "< 180", "< 200", "> ACK", "= 100"]
            + ["> INVITE hold", "<? 100", "< 200 has a=recvonly", "> ACK", "= 100"]
            + ["> INVITE offer", "<? 100", "< 200 has a=sendrecv", "> ACK", "= 100", "> BYE", "< 200"],
            "uas": ["< INVITE", "> 180", "> 200 answer", "< ACK"]
            + ["< INVITE has a=sendonly", "> 200 held", "< ACK"]
            + ["< INVITE has a=sendrecv", "> 200 answer", "< ACK", "< BYE", "> 200 of BYE"],
        },
    ),
    "callee-hold": (
        "RFC 5359 2.1: the callee holds",
        {
            "uac": ["> INVITE offer", "<? 100", "< 180", "< 200", "> ACK"]
            + ["< INVITE has a=sendonly", "> 200 held", "< ACK", "= 100", "> BYE", "< 200"],
            "uas": ["< INVITE", "> 180", "> 200 answer", "< ACK", "= 100"]
            + ["> INVITE hold", "<? 100", "< 200 has a=recvonly", "> ACK", "< BYE", "> 200 of BYE"],
        },
    ),
    "reliable": (
        "RFC 3262 on both legs: early media, then the answer",
        {
            "uac": ["> INVITE offer 100rel", "<? 100", "< 183 has RSeq", "> PRACK", "< 200", "< 200"]
            + ["> ACK", "= 100", "> BYE", "< 200"],
            "uas": ["< INVITE has 100rel", "> 183 answer 100rel", "< PRACK", "> 200 of PRACK", "> 200", "< ACK"]
            + ["< BYE", "> 200 of BYE"],
        },
    ),
    "half-reliable": (
        "RFC 3262 on the callee's leg alone",
        {
            "uac": ["> INVITE offer", "<? 100", "< 183 has m=audio", "< 200 has m=audio", "> ACK"]
            + ["= 100", "> BYE", "< 200"],
            "uas": ["< INVITE", "> 183 answer 100rel", "< PRACK", "> 200 of PRACK", "> 200", "< ACK"]
            + ["< BYE", "> 200 of BYE"],
        },
    ),
    "update": (
        "RFC 3311: the caller holds by UPDATE",
        {
            "uac": ["> INVITE offer", "<? 100", "< 180", "< 200 has UPDATE", "> ACK", "= 100"]
            + ["> UPDATE hold", "< 200 has a=recvonly", "> BYE", "< 200"],
            "uas": ["< INVITE", "> 180", "> 200 answer", "< ACK", "< UPDATE has a=sendonly"]
            + ["> 200 held of UPDATE", "< BYE", "> 200 of BYE"],
        },
    ),
    "short-interval": (
        "RFC 4028: an interval that is too small",
        {"uac": ["> INVITE offer short-timer", "<? 100", "< 422 has Min-SE", "> ACK refusal"]},
    ),
    "session-timer": (
        "RFC 4028: a peer refreshes",
        {
            "uac": ["> INVITE offer timer", "<? 100", "< 180", "< 200 has Session-Expires: 300;refresher=uac", "> ACK"]
            + ["> UPDATE timer", "< 200 has Session-Expires: 300;refresher=uac", "> BYE", "< 200"],
            "uas": ["< INVITE has Session-Expires", "> 180", "> 200 answer", "< ACK", "< BYE", "> 200 of BYE"],
        },
    ),
    "transfer": (
        "RFC 5359 2.4: unattended transfer, carried out by the relay",
        {
            "uac": ["> INVITE offer", "<? 100", "< 180", "< 200", "> ACK", "= 100", "> REFER", "< 202"]
            + ["< NOTIFY has SIP/2.0 100", "> 200 of NOTIFY", "< NOTIFY has SIP/2.0 200", "> 200 of NOTIFY"]
            + ["< BYE", "> 200 of BYE"],
            "uas": ["< INVITE", "> 180", "> 200 answer", "< ACK", "< INVITE has m=audio", "> 200 answer", "< ACK"]
            + ["< BYE", "> 200 of BYE"],
            "third": ["< INVITE has m=audio", "> 180", "> 200 answer", "< ACK", "= 500", "> BYE", "< 200"],
        },
    ),
}

HEADERS = {
    "100rel": "Supported: 100rel",
    "reason": 'Reason: Q.850;cause=16;text="secret"',
    "timer": "Supported: timer\nSession-Expires: 300;refresher=uac",
    "short-timer": "Supported: timer\nSession-Expires: 60",
}
DIRECTIONS = {"offer": "sendrecv", "answer": "sendrecv", "hold": "sendonly", "held": "recvonly", "moved": "sendrecv"}
PHRASES = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 480: "Temporarily Unavailable", 486: "Busy Here", 487: "Request Terminated"}
ALLOW = "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE, REFER, NOTIFY"


class Scenario:
    def __init__(self, role, secured, routed):
        self.caller = role == "uac"
        self.secured = secured
        self.routed = routed
        self.cseq = 0
        self.invite_cseq = 0
        self.invite_at = 0  # which step it was
        self.version = 0  # of the descriptions
        self.answered = False  # the INVITE that came last
        self.lines = []

    def sdp(self, what):
        port, codec = (40002, "8 PCMA") if what == "moved" else (40000, "0 PCMU")
        proto = "RTP/SAVP" if self.secured else "RTP/AVP"
        key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\n"
        self.version += 1
        return (
            f"v=0\no=- 1 {self.version} IN IP4 [media_ip]\ns=-\nc=IN IP4 [media_ip]\nt=0 0\n"
            f"m=audio {port} {proto} {codec[0]}\na=rtpmap:{codec}/8000\n"
            f"{key if self.secured else ''}a={DIRECTIONS[what]}\n"
        )

    def body(self, args):
        for arg in args:
            if arg in DIRECTIONS:
                return "Content-Type: application/sdp\nContent-Length: [len]\n\n" + self.sdp(arg)
        return "Content-Length: 0\n\n"

    def extra(self, args, reply):
        lines = [HEADERS[arg] for arg in args if arg in HEADERS]
        if reply and "100rel" in args:
            lines = ["Require: 100rel\nRSeq: 17"]
        return "".join(line + "\n" for line in lines)

    def emit(self, text, attributes=""):
        indented = "\n".join("      " + line for line in text.rstrip("\n").split("\n"))
        self.lines.append(f"  <send{attributes}>\n    <![CDATA[\n\n{indented}\n\n    ]]>\n  </send>")

    def names(self):
        """From and To of a request in or before the dialog."""
        if self.caller:
            return (
                "From: <sip:caller@[local_ip]>;tag=[pid]c[call_number]\n"
                "To: <sip:[service]@[relay]>[peer_tag_param]\n"
            )
        return "From: [$to];tag=[pid]s[call_number]\nTo: [$from]\n"

    def request(self, method, args):
        if method not in ("ACK", "CANCEL"):
            self.cseq += 1
        if method == "INVITE":
            self.invite_cseq = self.cseq
            self.invite_at = len(self.lines)
        cseq = self.invite_cseq if method in ("ACK", "CANCEL") else self.cseq
        # CANCEL and the ACK of a refusal belong to the transaction of the INVITE
        branch = f"[branch-{len(self.lines) - self.invite_at}]" if method == "CANCEL" else "[branch]"
        if "refusal" in args:
            branch = "[last_Via:]"
        via = branch if "Via" in branch else f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}"
        names = self.names()
        if method == "CANCEL":
            names = names.replace("[peer_tag_param]", "")
        headers = self.extra(args, reply=False)
        target = "sip:[service]@[relay]"
        # RFC 3261 12.2.1.1; a request outside the dialog goes the way of the INVITE
        if self.routed and method != "CANCEL" and "refusal" not in args and self.invite_known(method):
            target = "[next_url]"
            headers += "[routes]\n"
        if method == "PRACK":
            headers += f"RAck: [$rseq] {self.invite_cseq} INVITE\n"
        if method == "REFER":
            headers += "Refer-To: <sip:2005@[relay]>\n"
        self.emit(
            f"{method} {target} SIP/2.0\n{via}\nMax-Forwards: 70\n{names}"
            f"Call-ID: [call_id]\nCSeq: {cseq} {method}\nContact: <sip:[local_ip]:[local_port];transport=[transport]>\n"
            f"{ALLOW}\nUser-Agent: secret-agent\n{headers}{self.body(args)}",
            "" if method == "ACK" else ' retrans="500"',
        )

    def invite_known(self, method):
        """Whether there is a dialog yet: not for the caller's first INVITE."""
        return not (self.caller and method == "INVITE" and self.invite_cseq == 1 and self.cseq == 1)

    def reply(self, status, args):
        method = args[args.index("of") + 1] if "of" in args else "INVITE"
        if method == "INVITE":
            head = "Via: [$via]\nFrom: [$from]\nTo: [$to];tag=[pid]s[call_number]\nCall-ID: [call_id]\nCSeq: [$cseq]\n"
            if self.answered or self.caller:  # a re-INVITE: its To has our tag
                head = head.replace(";tag=[pid]s[call_number]", "")
            self.answered |= status == 200
        else:
            head = "[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n"
            if method == "CANCEL":
                head = head.replace("[last_To:]", "[last_To:];tag=[pid]s[call_number]")
        if self.routed and method == "INVITE":  # the proxy's Via is not the only one
            head = head.replace("Via: [$via]", "[last_Via:]") + "[last_Record-Route:]\n"
        self.emit(
            f"SIP/2.0 {status} {PHRASES.get(status, 'Status')}\n{head}"
            f"Contact: <sip:[local_ip]:[local_port];transport=[transport]>\n{ALLOW}\nServer: secret-server\n"
            f"{self.extra(args, reply=True)}{self.body(args)}",
            ' retrans="500"' if method == "INVITE" and status >= 200 else "",
        )

    def receive(self, what, args, optional):
        kind = "response" if what.isdigit() else "request"
        actions = []
        if "has" in args:
            text = " ".join(args[args.index("has") + 1 :])
            actions.append(f'<ereg regexp="{escape(text)}" search_in="msg" check_it="true" assign_to="seen"/>')
        if what == "INVITE":
            names = [("Via:", "via"), ("CSeq:", "cseq")]
            if not self.caller and not self.answered:
                names += [("From:", "from"), ("To:", "to")]
            if self.answered or self.caller:
                names += [("From:", "from"), ("To:", "to")]
            actions += [f'<ereg regexp=".*" search_in="hdr" header="{h}" assign_to="{v}"/>' for h, v in names]
        if what == "183" and "RSeq" in args:
            actions.append('<ereg regexp="[0-9]+" search_in="hdr" header="RSeq:" assign_to="rseq"/>')
        body = f"<action>{''.join(actions)}</action>" if actions else ""
        extra = ' optional="true"' if optional else ""
        if self.routed and (what == "INVITE" or what[0] in "12" and what != "100"):
            extra += ' rrs="true"'
        self.lines.append(f'  <recv {kind}="{what}"{extra} timeout="40000">{body}</recv>')

    def step(self, step):
        mark, what, *args = step.split()
        if mark == "=":
            self.lines.append(f'  <pause milliseconds="{what}"/>')
        elif mark == ">" and what.isdigit():
            self.reply(int(what), args)
        elif mark == ">":
            self.request(what, args)
        else:
            self.receive(what, args, optional=mark == "<?")

    def xml(self):
        # SIPp wants each variable to be read somewhere
        used = ",".join(v for v in ("seen", "via", "from", "to", "cseq", "rseq") if f'assign_to="{v}"' in self.text())
        reference = f'  <Reference variables="{used}"/>\n' if used else ""
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="flow">\n{self.text()}\n{reference}</scenario>\n'

    def text(self):
        return "\n".join(self.lines)


def main():
    if sys.argv[1:] == ["list"]:
        for name, (what, roles) in FLOWS.items():
            print(name, ",".join(roles), what)
        return 0
    words = sys.argv[3:]
    if (
        len(sys.argv) < 3
        or sys.argv[1] not in FLOWS
        or sys.argv[2] not in FLOWS[sys.argv[1]][1]
        or not {"secured", "routed"}.issuperset(words)
    ):
        print(__doc__, file=sys.stderr)
        return 2
    scenario = Scenario(sys.argv[2], secured="secured" in words, routed="routed" in words)
    for step in FLOWS[sys.argv[1]][1][sys.argv[2]]:
        scenario.step(step)
    print(scenario.xml(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
