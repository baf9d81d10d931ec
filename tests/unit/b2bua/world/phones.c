/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What phones say. */
#include <stdio.h>
#include <string.h>

#include "private.h"

const char sdp_srtp_alice[] =
    "v=0\r\no=alice 11 22 IN IP4 192.0.2.11\r\ns=alice's phone\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n"
    "m=audio 4000 RTP/SAVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=x-secret-of-alice:192.0.2.11\r\na=ptime:20\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_ALICE "\r\n";
const char sdp_srtp_bob[] =
    "v=0\r\no=bob 33 44 IN IP4 192.0.2.12\r\ns=-\r\nc=IN IP4 192.0.2.12\r\nt=0 0\r\n"
    "m=audio 5000 RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_BOB "\r\n";
const char sdp_rtp_alice[] =
    "v=0\r\no=alice 11 22 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";
const char sdp_rtp_carol[] =
    "v=0\r\no=carol 55 66 IN IP4 192.0.2.13\r\ns=-\r\nc=IN IP4 192.0.2.13\r\nt=0 0\r\n"
    "m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

void world_copy(char *to, size_t size, struct str from)
{
	snprintf(to, size, "%.*s", STR_FMT(from));
}

/* ---- phones ---- */

void phone_sends(struct world *world, enum phone_number number, const char *text, size_t length)
{
	struct sip_flow flow;

	world_flow(&world->phone[number], &flow);
	b2bua_net_ops.message(world->b2bua, &world_peers[number], &flow, text, length);
	world_media_answers(world);
}

void phone_says(struct world *world, enum phone_number number, const char *format, ...)
{
	char text[PHONE_TEXT];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	phone_sends(world, number, text, (size_t)length);
}

static void send_request(struct phone *phone, const char *method, const char *uri, unsigned cseq,
			 const char *to, const char *headers, const char *sdp)
{
	const char *way = world_peers[phone->number].transport == SIP_TLS ? "TLS" : "TCP";

	phone_says(
	    phone->world, phone->number,
	    "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %s:5061;branch=%s\r\nMax-Forwards: 70\r\n"
	    "From: \"%s\" <sip:%s@%s.example>;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\n"
	    "CSeq: %u %s\r\nContact: <sip:%s@%s:5061>\r\n%s%s%sContent-Length: %zu\r\n\r\n%s",
	    method, uri, way, world_peers[phone->number].address, phone->branch, phone->name,
	    phone->name, phone->name, phone->tag, to, phone->call_id, cseq, method, phone->name,
	    world_peers[phone->number].address, phone->headers ? phone->headers : "", headers,
	    sdp ? "Content-Type: application/sdp\r\n" : "", sdp ? strlen(sdp) : 0, sdp ? sdp : "");
}

static void fresh_branch(struct phone *phone)
{
	snprintf(phone->branch, sizeof(phone->branch), "z9hG4bK%s%u", phone->name, ++phone->serial);
}

void phone_invites(struct world *world, enum phone_number number, const char *user, const char *sdp)
{
	phone_invites_with(world, number, user, "", sdp);
}

void phone_invites_with(struct world *world, enum phone_number number, const char *user,
			const char *headers, const char *sdp)
{
	struct phone *phone = &world->phone[number];
	char uri[64], to[80];

	snprintf(phone->call_id, sizeof(phone->call_id), "%s-%u@192.0.2.11", phone->name,
		 phone->serial);
	snprintf(phone->tag, sizeof(phone->tag), "tag-of-%s", phone->name);
	phone->remote_tag[0] = '\0';
	phone->cseq = 1;
	phone->invite_cseq = 1;
	fresh_branch(phone);
	snprintf(uri, sizeof(uri), "sip:%s@relay.example", user);
	snprintf(to, sizeof(to), "<%s>", uri);
	snprintf(phone->target, sizeof(phone->target), "%s", uri);
	send_request(phone, "INVITE", uri, phone->cseq, to, headers, sdp);
}

void phone_requests(struct world *world, enum phone_number number, const char *method,
		    const char *headers, const char *sdp)
{
	struct phone *phone = &world->phone[number];
	char to[128];

	phone->cseq++;
	if (strcmp(method, "INVITE") == 0)
		phone->invite_cseq = phone->cseq;
	fresh_branch(phone);
	snprintf(to, sizeof(to), "<sip:relay.example>;tag=%s", phone->remote_tag);
	send_request(phone, method, phone->target, phone->cseq, to, headers, sdp);
}

void phone_acks(struct world *world, enum phone_number number, const char *sdp)
{
	struct phone *phone = &world->phone[number];
	char to[128];

	fresh_branch(phone);
	snprintf(to, sizeof(to), "<sip:relay.example>;tag=%s", phone->remote_tag);
	send_request(phone, "ACK", phone->target, phone->invite_cseq, to, "", sdp);
}

void phone_cancels(struct world *world, enum phone_number number)
{
	struct phone *phone = &world->phone[number];
	char to[300];

	snprintf(to, sizeof(to), "<%s>", phone->target);
	send_request(phone, "CANCEL", phone->target, phone->invite_cseq, to, "", NULL);
}

static struct phone_message *last_request(struct phone *phone, const char *method)
{
	for (unsigned i = phone->received; i-- > 0;) {
		const struct sip_message *parsed = &phone->inbox[i].parsed;

		if (parsed->request && str_eq(parsed->method_token, str_of(method)))
			return &phone->inbox[i];
	}
	fail_msg("%s got no %s", phone->name, method);
	return NULL;
}

void phone_answers(struct world *world, enum phone_number number, const char *method,
		   unsigned status, const char *sdp)
{
	phone_answers_with(world, number, method, status, "", sdp);
}

void phone_answers_with(struct world *world, enum phone_number number, const char *method,
			unsigned status, const char *headers, const char *sdp)
{
	struct phone *phone = &world->phone[number];
	const struct sip_message *request = &last_request(phone, method)->parsed;
	const char *tag;

	if (!phone->tag[0] || !str_eq(request->call_id, str_of(phone->call_id))) {
		snprintf(phone->tag, sizeof(phone->tag), "answer-of-%s", phone->name);
		world_copy(phone->call_id, sizeof(phone->call_id), request->call_id);
		world_copy(phone->remote_tag, sizeof(phone->remote_tag), request->from.tag);
	}
	if (request->method == SIP_METHOD_INVITE)
		world_copy(phone->target, sizeof(phone->target), request->contact.uri.whole);
	tag = phone->second_tag[0] ? phone->second_tag : phone->tag;
	phone_says(
	    world, number,
	    "SIP/2.0 %u Phrase of %s\r\nVia: %.*s\r\nFrom: <%.*s>;tag=%.*s\r\nTo: <%.*s>;tag=%s\r\n"
	    "Call-ID: %.*s\r\nCSeq: %u %s\r\nContact: <sip:%s@%s:5061>\r\n"
	    "Server: secret-of-%s\r\n%s%s%sContent-Length: %zu\r\n\r\n%s",
	    status, phone->name, STR_FMT(request->via.whole), STR_FMT(request->from.uri.whole),
	    STR_FMT(request->from.tag), STR_FMT(request->to.uri.whole), tag,
	    STR_FMT(request->call_id), request->cseq, method, phone->name,
	    world_peers[number].address, phone->name, phone->headers ? phone->headers : "", headers,
	    sdp ? "Content-Type: application/sdp\r\n" : "", sdp ? strlen(sdp) : 0, sdp ? sdp : "");
}

static const char *offer_of(enum phone_number number)
{
	if (number == CAROL)
		return sdp_rtp_carol;
	return number == BOB ? sdp_srtp_bob : sdp_srtp_alice;
}

void world_call(struct world *world, enum phone_number caller, enum phone_number callee)
{
	char user[16];

	snprintf(user, sizeof(user), "200%d", (int)callee + 1);
	phone_invites(world, caller, user, offer_of(caller));
	phone_hears(world, callee, "INVITE");
	phone_answers(world, callee, "INVITE", 200, offer_of(callee));
	phone_hears(world, callee, "ACK");
	phone_hears_status(world, caller, 200);
	phone_acks(world, caller, NULL);
}
