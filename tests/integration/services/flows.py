# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls between phones that SIPp cannot be, as each needs to know what another one heard; run by ../services.sh.

usage: flows.py LAB_PREFIX NETWORK RELAY_ADDRESS
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../lib"))
from sip_phone import Call, Phone, Wrong, sdp  # noqa: E402

PREFIX, NETWORK, RELAY = sys.argv[1:4]
HOSTS = {"alice": 11, "bob": 12, "carol": 13, "mallory": 14, "dave": 15}
alice, bob, carol, mallory, dave = (
    Phone(name, PREFIX, f"{NETWORK}.{host}", RELAY) for name, host in HOSTS.items()
)
SCENARIOS = []


def scenario(sentence):
    def keep(function):
        SCENARIOS.append((sentence, function))
        return function

    return keep


def connect(caller, number, callee):
    """Both legs of an answered call."""
    call = caller.calls(number)
    other = callee.takes(callee.hears("INVITE"))
    other.takes_up()
    call.answered()
    return call, other


def end(call, other):
    call.hangs_up()
    other.is_hung_up()


def replaces(call, early=""):
    """The dialog of that call as its owner knows it."""
    return f"{call.call_id};to-tag={call.remote_tag};from-tag={call.local_tag}{early}"


# ---- header rules ----


@scenario("header rules: what rules let in, change, take out and add is what the other side sees")
def rules_in_requests():
    call = carol.calls(
        "2001",
        headers=[
            "X-Account: 4711",
            "X-Secret: 42",
            "Reason: SIP;cause=302",
            f"P-Asserted-Identity: <sip:030123@{carol.address}>",
        ],
    )
    invite = alice.hears(
        "INVITE",
        has=["X-Account: 4711\r\n", "X-Trunk: north\r\n", f"P-Asserted-Identity: <sip:+4930123@{RELAY}>\r\n"],
        lacks=["X-Secret", "Reason:", "User-Agent:", carol.address],
    )
    other = alice.takes(invite)
    other.takes_up()
    call.answered()
    end(call, other)


@scenario("header rules: responses have theirs, and other peers are not touched")
def rules_in_responses():
    call = carol.calls("2001", headers=["X-Account: 4711"])
    other = alice.takes(alice.hears("INVITE"))
    other.answers(other.invite, 180, ["X-Queue: 3", "X-Secret: 42"])
    call.ringing(has=["X-Queue: 3\r\n"])
    other.answers(other.invite, 486, ["X-Queue: 4"])
    alice.hears("ACK")
    call.refused(486, lacks=["X-Queue"])
    call = dave.calls("2005", headers=["X-Account: 4711"])
    other = mallory.takes(mallory.hears("INVITE", lacks=["X-Account", "X-Trunk"], has=["User-Agent: "]))
    other.answers(other.invite, 486)
    mallory.hears("ACK")
    call.refused(486)


@scenario("RFC 3325: who answers is told to a trusted caller, with the relay's host")
def who_answers():
    identity = [f"P-Asserted-Identity: \"Alice\" <sip:2001@{alice.address}>"]
    for caller, told in ((carol, True), (dave, False)):
        call = caller.calls("2001")
        other = alice.takes(alice.hears("INVITE"))
        other.answers(other.invite, 200, identity)
        alice.hears("ACK")
        told_text = [f"P-Asserted-Identity: \"Alice\" <sip:2001@{RELAY}>\r\n"]
        call.answered(has=told_text if told else [], lacks=[] if told else ["P-Asserted-Identity"])
        end(call, other)


# ---- codec profiles ----


@scenario("codecs: an offer is filtered and ordered for its receiver, the answer for the caller")
def codecs_in_calls():
    call = carol.calls("2002", sdp(carol.address, "0 18 9 8 101"))
    # carol prefers G722 and may not use G729; bob may use PCMA and G722, and prefers PCMA
    other = bob.takes(bob.hears("INVITE", has=["RTP/AVP 8 9 101\r\n", "a=ptime:30\r\n"], lacks=["PCMU", "G729"]))
    other.takes_up(sdp(bob.address, "8 101"))
    call.answered(has=["RTP/AVP 8 101\r\n"])
    # in the other direction carol's preference counts last
    other.request("INVITE", body=sdp(bob.address, "8 9 18"))
    call.agrees(has=["RTP/AVP 9 8\r\n"], body=sdp(carol.address, "9"))
    other.answered(has=["RTP/AVP 9\r\n"])
    end(call, other)


@scenario("codecs: an offer that is left with none is refused with 488 and Warning 305, in a call it changes nothing")
def codecs_refused():
    carol.calls("2002", sdp(carol.address, "0")).refused(488, has=["Warning: 305 "], lacks=["narrow"])
    call = carol.calls("2002", sdp(carol.address, "8"))
    other = bob.takes(bob.hears("INVITE"))
    other.takes_up(sdp(bob.address, "8"))
    call.answered()
    tag, target = call.remote_tag, call.target
    call.request("INVITE", body=sdp(carol.address, "0"))
    call.refused(488, has=["Warning: 305 "])
    call.remote_tag, call.target = tag, target
    bob.hears_nothing()
    end(call, other)


@scenario("codecs: a target whose profile leaves nothing gives way to the next")
def codecs_next_target():
    call = carol.calls("30", sdp(carol.address, "0"))
    other = dave.takes(dave.hears("INVITE"))
    other.takes_up()
    call.answered()
    bob.hears_nothing()
    end(call, other)


# ---- RFC 5359 ----


@scenario("RFC 5359 2.2: consultation hold, the held call goes on afterwards")
def consultation_hold():
    call, other = connect(carol, "2004", dave)
    other.request("INVITE", body=sdp(dave.address, direction="sendonly"))
    call.agrees(has=["a=sendonly\r\n"], body=sdp(carol.address, direction="recvonly"))
    other.answered(has=["a=recvonly\r\n"])
    end(*connect(dave, "2005", mallory))
    other.request("INVITE", body=sdp(dave.address))
    call.agrees(has=["a=sendrecv\r\n"])
    other.answered(has=["a=sendrecv\r\n"])
    end(call, other)


@scenario("RFC 5359 2.3: music on hold, the music server's description by an offerless re-INVITE")
def music_on_hold():
    call, other = connect(carol, "2004", dave)
    other.request("INVITE")
    call.answers(carol.hears("INVITE", has=["Content-Length: 0\r\n"]), 200)
    other.answered(has=["m=audio "], body=sdp(dave.address, direction="sendonly", port=50000))
    carol.hears("ACK", has=["a=sendonly\r\n"])
    end(call, other)


@scenario("RFC 5359 2.5: attended transfer by REFER with Replaces, carried out by the relay")
def attended_transfer():
    call, other = connect(carol, "2004", dave)
    consulting, consulted = connect(dave, "2005", mallory)
    target = f"<sip:2005@{RELAY}?Replaces={replaces(consulting).replace(';', '%3B').replace('=', '%3D')}>"
    other.request("REFER", [f"Refer-To: {target}"])
    dave.hears(202)
    other.answers(dave.hears("NOTIFY", has=["SIP/2.0 100"]), 200)
    consulted.agrees()  # those who stay are told of each other
    call.agrees()
    other.answers(dave.hears("NOTIFY", has=["SIP/2.0 200"]), 200)
    for _ in range(2):
        other.answers(dave.hears("BYE"), 200)
    end(call, consulted)


@scenario("RFC 5359 2.7: call forwarding unconditional, 302 is followed through the routes")
def forwarding():
    call = carol.calls("2004")
    refusing = dave.takes(dave.hears("INVITE"))
    refusing.answers(refusing.invite, 302, [f"Contact: <sip:2005@{dave.address}>"])
    dave.hears("ACK")
    other = mallory.takes(mallory.hears("INVITE", has=["INVITE sip:2005@"], lacks=[dave.address, carol.address]))
    other.takes_up()
    call.answered()
    end(call, other)


@scenario("RFC 5359 2.7: 302 to where no route leads is refused with 480")
def forwarding_nowhere():
    call = carol.calls("2004")
    refusing = dave.takes(dave.hears("INVITE"))
    refusing.answers(refusing.invite, 302, [f"Contact: <sip:9999@{mallory.address}>"])
    dave.hears("ACK")
    call.refused(480, lacks=[mallory.address])
    mallory.hears_nothing()


@scenario("RFC 5359 2.8: call forwarding on busy, by the codes of a route")
def forwarding_busy():
    call = carol.calls("31")
    busy = dave.takes(dave.hears("INVITE"))
    busy.answers(busy.invite, 486)
    dave.hears("ACK")
    other = mallory.takes(mallory.hears("INVITE"))
    other.takes_up()
    call.answered()
    end(call, other)


@scenario("RFC 5359 2.9: call forwarding on no answer, a 302 after it rang")
def forwarding_no_answer():
    call = carol.calls("2004")
    ringing = dave.takes(dave.hears("INVITE"))
    ringing.answers(ringing.invite, 180)
    call.ringing()
    ringing.answers(ringing.invite, 302, [f"Contact: <sip:2005@{RELAY}>"])
    dave.hears("ACK")
    other = mallory.takes(mallory.hears("INVITE"))
    other.takes_up()
    call.answered()
    end(call, other)


@scenario("RFC 5359 2.10: a third party is added to a conference, two calls of one phone")
def conference():
    call, other = connect(carol, "2004", dave)
    second, third = connect(dave, "2005", mallory)
    end(call, other)
    end(second, third)


@scenario("RFC 5359 2.11: who wants to join a dialog by Join hears 420")
def conference_join():
    call, other = connect(carol, "2004", dave)
    joining = mallory.calls("2004", headers=["Require: join", f"Join: {replaces(other)}"])
    joining.refused(420, has=["Unsupported: join\r\n"])
    end(call, other)


@scenario("RFC 5359 2.12: find-me, of two phones that ring one answers and the other gets BYE when it does too")
def find_me():
    call = carol.calls("2004")
    forked = dave.takes(dave.hears("INVITE"))
    forked.answers(forked.invite, 180, tag="one")
    first = call.ringing()
    forked.answers(forked.invite, 180, tag="two")
    forked.answers(forked.invite, 200, tag="two")
    dave.hears("ACK", has=[";tag=two\r\n"])
    answer = call.answered()
    if first.tag("To") != answer.tag("To"):
        raise Wrong("the caller sees two dialogs")
    forked.answers(forked.invite, 200, tag="one")
    dave.hears("ACK", has=[";tag=one\r\n"])
    forked.answers(dave.hears("BYE", has=[";tag=one\r\n"]), 200)
    forked.local_tag = "two"
    end(call, forked)


@scenario("RFC 5359 2.15: a parked call is taken from elsewhere by INVITE with Replaces")
def park():
    call, parked = connect(carol, "2004", dave)
    taking = mallory.calls("2003", headers=["Require: replaces", f"Replaces: {replaces(parked)}"])
    call.agrees()
    taking.answered()
    parked.is_hung_up()
    end(call, taking)


@scenario("RFC 5359 2.16: a call that rings is picked up by INVITE with Replaces")
def pickup():
    call = carol.calls("2004")
    ringing = dave.takes(dave.hears("INVITE"))
    ringing.answers(ringing.invite, 180)
    call.ringing()
    ringing.remote_tag = ringing.invite.tag("From")
    taking = mallory.calls("2003", headers=["Require: replaces", f"Replaces: {replaces(ringing, ';early-only')}"])
    taking.answered()
    call.answered()
    ringing.answers(dave.hears("CANCEL", has=["Reason: SIP;cause=200"]), 200)
    ringing.answers(ringing.invite, 487)
    dave.hears("ACK")
    end(call, taking)


@scenario("Replaces of a dialog that is nobody's is refused with 481")
def pickup_nothing():
    taking = mallory.calls("2003", headers=["Replaces: nobody;to-tag=1;from-tag=2"])
    taking.refused(481)


@scenario("RFC 5359 2.17, 2.18: SUBSCRIBE and REFER outside of a call are refused with 405")
def outside():
    for method, header in (("SUBSCRIBE", "Event: dialog"), ("REFER", f"Refer-To: <sip:2004@{RELAY}>")):
        lonely = Call(mallory)
        lonely.target, lonely.remote = f"sip:2003@{RELAY}", f"<sip:2003@{RELAY}>"
        lonely.request(method, [header])
        mallory.hears(405, of=method)


# ---- strangers ----


def claims(stranger, owner, **changes):
    """A request in the dialog of owner, but for some changes, from where stranger is."""
    call = Call(stranger)
    call.__dict__.update({key: value for key, value in owner.__dict__.items() if key != "phone"})
    call.cseq += 10
    call.__dict__.update(changes)
    return call


@scenario("a stray BYE, UPDATE or REFER, of another peer or with a wrong tag, changes nothing: 481")
def strays_in_dialogs():
    call, other = connect(carol, "2004", dave)
    for method in ("BYE", "UPDATE", "REFER"):
        for who, changes in ((mallory, {}), (carol, {"local_tag": "wrong"})):
            stray = claims(who, call, **changes)
            stray.request(method, [f"Refer-To: <sip:2005@{RELAY}>"] if method == "REFER" else [])
            who.hears(481, of=method)
    dave.hears_nothing()
    end(call, other)


@scenario("a stray CANCEL, of another peer or with a wrong tag, stops nothing: 481")
def strays_cancel():
    call = carol.calls("2004")
    other = dave.takes(dave.hears("INVITE"))
    other.answers(other.invite, 180)
    call.ringing()
    for who, changes in ((mallory, {}), (carol, {"local_tag": "wrong"})):
        claims(who, call, **changes).cancel()
        who.hears(481, of="CANCEL")
    dave.hears_nothing()
    other.takes_up()
    call.answered()
    end(call, other)


def main():
    for sentence, run in SCENARIOS:
        try:
            run()
            print(f"ok - {sentence}", flush=True)
        except Wrong as error:
            print(f"not ok - {sentence}: {error}", flush=True)
            for phone in (alice, bob, carol, mallory, dave):
                phone.waiting.clear()
    return 0


if __name__ == "__main__":
    sys.exit(main())
